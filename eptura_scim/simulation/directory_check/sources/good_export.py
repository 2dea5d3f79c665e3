"""The commands that make a good export: every user and group, with every property that the mappings need.

Sources: Microsoft Graph PowerShell, Get-MgUser and Get-MgGroup (`-Property` names what is read at all, Select-Object
what is written); Windows PowerShell's Set-Content writes UTF-8 only where it is told to.
"""

from __future__ import annotations

from collections.abc import Iterable

from eptura_scim.types import Kind

__all__ = ["good_export"]

_COMMANDS: dict[Kind, str] = {"User": "Get-MgUser", "Group": "Get-MgGroup"}


def good_export(kind: Kind, properties: Iterable[str]) -> str:
    """The PowerShell command that exports all users or groups with these properties of Graph."""
    names = ",".join(name for name in sorted(properties) if name != "deletedDateTime")
    file = f"{kind.lower()}s.json"
    return (
        f"$p = '{names}' -split ','; {_COMMANDS[kind]} -All -Property $p | Select-Object $p | "
        f"ConvertTo-Json -Depth 4 | Set-Content -Encoding utf8 {file}"
    )
