"""The demo's end: a small directory, and what of it arrives in the SCIM server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from eptura_scim.documented import USERS
from eptura_scim.mapping.payload import decompose

if TYPE_CHECKING:
    from eptura_scim.local_entra import CycleReport, LocalEntra

__all__ = [
    "DOCUMENTED_USER",
    "GROUP",
    "arrived_members",
    "arrived_users",
    "lines",
    "run_cycle",
    "seed_directory",
    "with_template_mappings",
]

DOCUMENTED_USER = {row.target for row in USERS}
"""The target attributes of a user, as the guide lists them."""

_ADELE = {
    "userPrincipalName": "adele.vance@contoso.example",
    "mailNickname": "AdeleV",
    "displayName": "Adele Vance",
    "givenName": "Adele",
    "surname": "Vance",
    "mail": "adele.vance@contoso.example",
    "jobTitle": "Retail Manager",
    "department": "Retail",
    "city": "Bellevue",
    "country": "US",
    "preferredLanguage": "en-US",
    "employeeId": "1042",
    "businessPhones": ["+1 425 555 0109"],
}
_PEOPLE: tuple[dict[str, Any], ...] = (
    _ADELE,
    {**_ADELE, "userPrincipalName": "megan.bowen@contoso.example", "mailNickname": "MeganB",
     "displayName": "Megan Bowen", "givenName": "Megan", "surname": "Bowen", "mail": "megan.bowen@contoso.example"},
    {**_ADELE, "userPrincipalName": "lee.gu@contoso.example", "mailNickname": "LeeG", "displayName": "Lee Gu",
     "givenName": "Lee", "surname": "Gu", "mail": "lee.gu@contoso.example", "accountEnabled": False},
)  # fmt: skip
GROUP = "Floor 2"
"""The group's name."""


def seed_directory(entra: LocalEntra) -> dict[str, str]:
    """Fill the directory: two users, one who is disabled, and a group of all three. Object ids by userPrincipalName."""
    made = {person["userPrincipalName"]: str(entra.people.add_user(**person)["id"]) for person in _PEOPLE}
    group = entra.people.add_group(displayName=GROUP)["id"]
    for identifier in made.values():
        entra.people.add_member(group, identifier)
    return made


def run_cycle(entra: LocalEntra) -> CycleReport:
    """Run the job's next cycle over HTTPS."""
    return asyncio.run(entra.provisioning.run_cycle())


def arrived_users(entra: LocalEntra) -> dict[str, dict[str, Any]]:
    """What the SCIM server holds: target attributes and values by userName."""
    found = (item for item in entra.scim.resources() if item["meta"]["resourceType"] == "User")
    return {item["userName"]: decompose(item, _all_targets()) for item in found}


def arrived_members(entra: LocalEntra) -> dict[str, set[str]]:
    """The userNames of the members of each group in the SCIM server, by displayName."""
    items = entra.scim.resources()
    names = {item["id"]: item["userName"] for item in items if item["meta"]["resourceType"] == "User"}
    return {
        group["displayName"]: {names[member["value"]] for member in group.get("members", [])}
        for group in items
        if group["meta"]["resourceType"] == "Group"
    }


def with_template_mappings(entra: LocalEntra, user: str) -> dict[str, Any]:
    """What the template's default mappings would have created a user with: target attributes and values."""
    from eptura_scim.local_entra.provisioning.job_config import creation_body
    from eptura_scim.local_entra.synchronization.schema import default_schema

    schema = default_schema("scim", group_mapping_enabled=True, version="")
    body = creation_body(schema, "User", entra.people.user(user), entra.clock, entra.tenant)
    return decompose(body, _all_targets())


def _all_targets() -> list[str]:
    """Every attribute that the template's target directory defines for users, without the id."""
    from eptura_scim.local_entra.synchronization.schema import default_schema

    schema = default_schema("scim", group_mapping_enabled=True, version="")
    rule = schema["synchronizationRules"][0]
    mapping = next(item for item in rule["objectMappings"] if item["sourceObjectName"] == "User")
    directory = next(item for item in schema["directories"] if item["name"] == rule["targetDirectoryName"])
    return [
        attribute["name"]
        for item in directory["objects"]
        if item["name"] == mapping["targetObjectName"]
        for attribute in item["attributes"]
        if not attribute["anchor"]
    ]


def lines(values: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Attributes and values in two columns."""
    shown = [name for name in names if name in values]
    width = max(map(len, shown), default=0)
    return [f"{name:<{width}}  {values[name]}" for name in shown]
