"""What a program declares for a job, in short: it tells what a run is about to change, and what a cut run left."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from eptura_scim.mapping.model import Mappings
from eptura_scim.plugin_sdk.resource import Inputs
from eptura_scim.plugin_sdk.values import UNKNOWN

__all__ = [
    "GROUPS",
    "Changes",
    "Configuration",
    "changed_groups",
    "changes",
    "digest_of_assigned",
    "digest_of_connection",
    "digest_of_mappings",
    "not_assigned",
    "owes_restart",
    "recorded",
]

GROUPS = ("secrets", "mappings", "assignments")
"""The groups of settings; each is written by a call of its own."""

_DIGEST = re.compile("[0-9a-f]{12}")


class Configuration(Inputs):
    """A short text for each group of settings, which changes with the settings: a digest of them, for example."""

    secrets: str = Field(default="", description="Tenant URL, scope and out-of-scope deletions.")
    mappings: str = Field(default="", description="Attribute mappings, scoping filters and actions.")
    assignments: str = Field(default="", description="Assigned users and groups, a digest for each.")
    provisioning_status: Literal["On", "Off"] = Field(default="On", description="The declared Provisioning Status.")


class Changes(NamedTuple):
    """What a change of the configuration asks of a job before anything is written."""

    several_writes: bool
    """More than one group of settings changes: a cycle in between would see a mixture."""
    turned_off: bool
    """Provisioning is to stop: that comes before every other change."""
    removes_assignments: bool
    """Users or groups lose their assignment, or this is not known yet. Pulumi removes assignments after the restart."""


def digest_of_connection(tenant_url: str, scope: str, *, skip_out_of_scope_deletions: bool) -> str:
    """What stands for the settings that Graph keeps with the secrets and that decide about all users and groups."""
    return _digest([tenant_url, scope, skip_out_of_scope_deletions])


def digest_of_mappings(mappings: Mappings) -> str:
    """What stands for attribute mappings, scoping filters and actions."""
    return _digest(mappings.model_dump(mode="json"))


def digest_of_assigned(ids: Iterable[str]) -> str:
    """What stands for assigned users and groups, by their object ids: a digest for each, so that a removal is seen."""
    return " ".join(sorted({_digest(one) for one in ids}))


def not_assigned(declared: str, ids: Iterable[str]) -> int:
    """How many of the declared assignments are not among those of these object ids.

    A program of one's own may declare another text than digests: it tells nothing about object ids.
    """
    return len({found for found in declared.split() if _DIGEST.fullmatch(found)} - {_digest(one) for one in ids})


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def recorded(value: Any) -> Configuration | None:
    """The configuration that the state holds; None where the state of another version does not fit."""
    try:
        return Configuration.model_validate(value)
    except ValidationError:
        return None


def changes(new: Any, *old: Any) -> Changes:
    """How a configuration differs from earlier ones, all in wire names: what differs from any of them is a change.

    What an earlier run did not record is not a change.
    """
    known = [found for found in old if isinstance(found, dict) and found and new]
    if known and new is UNKNOWN:
        return Changes(several_writes=True, turned_off=False, removes_assignments=True)
    changed = {name for found in known for name in changed_groups(new, found)}
    return Changes(
        several_writes=len(changed) > 1 or any(new.get(name) is UNKNOWN for name in changed),
        turned_off=any(_is_switched(found, new, "On", "Off") for found in known),
        removes_assignments=any(_removes(found.get("assignments"), new.get("assignments")) for found in known),
    )


def changed_groups(new: Any, old: Any) -> set[str]:
    """The groups of settings in which two configurations differ, both in wire names; none where one is not known."""
    if not isinstance(new, dict) or not isinstance(old, dict):
        return set()
    return {name for name in GROUPS if new.get(name) != old.get(name)}


def _removes(old: Any, new: Any) -> bool:
    return bool(old) and (new is UNKNOWN or not {*str(old).split()} <= {*str(new or "").split()})


def owes_restart(old: Any, new: Any) -> bool:
    """Whether all users and groups have to be evaluated again: the connection or the scope is another than in the last
    whole run, or that run left provisioning off, and a start by hand since then evaluated only what had changed.
    """
    if not isinstance(old, dict) or not old or not new:
        return False
    return new is UNKNOWN or bool(old.get("secrets") != new.get("secrets")) or _is_switched(old, new, "Off", "On")


def _is_switched(old: Any, new: Any, before: str, after: str) -> bool:
    return (old.get("provisioningStatus"), new.get("provisioningStatus")) == (before, after)
