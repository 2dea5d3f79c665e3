"""Groups in groups, as far as the export of a group shows its members or what it is a member of.

Source: Microsoft Graph v1.0, "List groups" with `$expand=members` or `$expand=memberOf`; `Get-MgGroup -ExpandProperty`.
"""

from __future__ import annotations

from typing import Any

from eptura_scim.mapping.flow import GraphObject

__all__ = ["nested_in"]

_GROUP = "#microsoft.graph.group"
# Microsoft Graph, resource type group: users have none of these.
_GROUP_ONLY = frozenset({"groupTypes", "mailEnabled", "securityEnabled"})
_MORE = "AdditionalProperties"


def nested_in(group: GraphObject) -> str:
    """What of a group's members, or of its memberships, makes it part of a nesting, in words; empty for neither."""
    inner, outer = _groups(group.get("members")), _groups(group.get("memberOf"))
    said = [
        f"{label} {', '.join(names)}"
        for label, names in (("has the group", inner), ("is in the group", outer))
        if names
    ]
    return "; ".join(said)


def _groups(value: Any) -> list[str]:
    """The names of the groups in a list of directory objects."""
    items = [value] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [name for item in items if isinstance(item, dict) and (name := _group(item))]


def _group(item: dict[str, Any]) -> str:
    """The name of an object that is a group; empty for any other."""
    more = item.get(_MORE)
    known = {
        name[:1].lower() + name[1:]: one for name, one in {**item, **(more if isinstance(more, dict) else {})}.items()
    }
    declared = known.get("@odata.type")
    is_group = declared == _GROUP if declared else not _GROUP_ONLY.isdisjoint(known)
    return str(known.get("displayName") or known.get("id") or "not named") if is_group else ""
