"""What a local Entra keeps of its people, to compare before and after."""

from __future__ import annotations

from typing import Any

from eptura_scim.local_entra.directory.principals import People


def everything(people: People) -> Any:
    """Users, groups, members, the recycle bin and the changes, as they can be read."""
    groups = people.groups()
    return (
        people.users(),
        groups,
        people.deleted(),
        {group["id"]: [member["id"] for member in people.members(group["id"])] for group in groups},
        sorted(people.changes_since(0).ids),
        people.changes_since(0).number,
    )
