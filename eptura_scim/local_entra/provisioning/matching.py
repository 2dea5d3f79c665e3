"""Finding an object's counterpart in the target: by its remembered id, else by the matching attributes in their order.

Source: Microsoft, "Customize user provisioning attribute-mappings", Matching users in the source and target systems;
"How to analyze the provisioning logs" (error codes). Undocumented behaviour is in `Switches`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eptura_scim.local_entra.provisioning.compiled_rules import ObjectRules
from eptura_scim.local_entra.provisioning.target import ScimEndpoint, Target, TargetError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import Link
from eptura_scim.mapping.matching import SPECIAL_CHARACTERS
from eptura_scim.quantities import counted
from eptura_scim.types import Json

__all__ = ["ENDPOINTS", "MatchError", "counterpart", "matched"]

ENDPOINTS: dict[str, ScimEndpoint] = {"User": "Users", "Group": "Groups"}


class MatchError(TargetError):
    """An object cannot be matched; nothing of it is exported."""


async def counterpart(
    link: Link | None,
    rules: ObjectRules,
    attributes: Mapping[str, Any],
    target: Target,
    switches: Switches,
    *,
    is_initial: bool,
) -> Json | None:
    """The resource that an object already has in the target, None without one.

    Raises TargetError, and MatchError for an object that has no matching value or more than one counterpart.
    """
    if link is not None:
        found = await target.get(ENDPOINTS[rules.kind], link.target)
        if found is not None:
            return found
        if not is_initial and switches.lost_target == "escrowed":
            raise MatchError("InvalidAnchor", f"{rules.kind} {link.target} no longer exists in the target.")
    resources = await matched(rules, attributes, target, switches)
    return resources[0] if resources else None


async def matched(rules: ObjectRules, attributes: Mapping[str, Any], target: Target, switches: Switches) -> list[Json]:
    """What the first matching attribute that finds anything finds: one resource, or nothing. As `counterpart`."""
    asked = False
    for row in rules.matching:
        value = row.value(attributes)
        if value is None:
            continue
        text = str(value)
        if switches.matching_special_characters == "failed" and SPECIAL_CHARACTERS & set(text):
            raise MatchError("ImportSkipped", f"The value of {row.target} has special characters.")
        asked = True
        found = await target.find(ENDPOINTS[rules.kind], row.target, text)
        if len(found) > 1:
            raise MatchError(
                "DuplicateTargetEntries", f"{counted(len(found), 'resource')} of the target have the same {row.target}."
            )
        if found:
            return found
    if not asked:
        names = ", ".join(row.target for row in rules.matching) or "no attribute"
        raise MatchError("ImportSkipped", f"The object has no value to be matched by ({names}).")
    return []
