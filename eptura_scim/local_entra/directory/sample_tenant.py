"""A small company to try things on: fourteen people, four groups, the same ids each time.

What real directories have is there once: managers, departments, telephone numbers of several countries, a person who
left (`accountEnabled` false), a guest, a person without an e-mail address, a group within a group.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from eptura_scim.types import Json

__all__ = ["sample_tenant"]

_IDS = uuid.UUID("6f1d7c1e-2f0a-4d52-9d7b-0b3f3a1f6c55")
_CREATED = "2026-01-05T08:00:00Z"


class _Person(NamedTuple):
    name: str
    title: str
    department: str
    city: str
    country: str
    language: str
    work_phone: str | None
    mobile_phone: str | None
    manager: str | None
    more: tuple[tuple[str, Any], ...] = ()


_PEOPLE = (
    _Person("Miriam Graham", "Chief Executive Officer", "Management", "Atlanta", "US", "en-US",
            "+1 404 555 0100", "+1 404 555 0190", None),
    _Person("Nestor Wilke", "Director of Operations", "Operations", "Seattle", "US", "en-US",
            "+1 (206) 555-0143", None, "Miriam Graham"),
    _Person("Adele Vance", "Retail Manager", "Retail", "Bellevue", "US", "en-US",
            "+1 425 555 0109", "+1 425 555 0188", "Nestor Wilke"),
    _Person("Alex Wilber", "Marketing Assistant", "Marketing", "London", "GB", "en-GB",
            "+44 20 7946 0958", None, "Megan Bowen"),
    _Person("Megan Bowen", "Marketing Manager", "Marketing", "London", "GB", "en-GB",
            "+44 (0)20 7946 0321", "+44 7700 900123", "Miriam Graham"),
    _Person("Johanna Lorenz", "Senior Engineer", "Engineering", "München", "DE", "de-DE",
            "+49 89 5550 1234", "+49 151 55501234", "Jürgen Weiß"),
    _Person("Jürgen Weiß", "Head of Engineering", "Engineering", "München", "DE", "de-DE",
            "0049 89 5550 1200", None, "Miriam Graham"),
    _Person("Chloé Tremblay", "Facility Manager", "Facilities", "Montréal", "CA", "fr-CA",
            "+1-514-555-0174 ext. 21", None, "Nestor Wilke"),
    _Person("Pradeep Gupta", "Accountant", "Finance", "Bengaluru", "IN", "en-IN",
            "+91 80 5550 0177", "+91 98765 43210", "Isaiah Langer"),
    _Person("Isaiah Langer", "Head of Finance", "Finance", "Atlanta", "US", "en-US",
            "(404) 555-0135", None, "Miriam Graham"),
    _Person("Yuki Tanaka", "Office Manager", "Facilities", "東京", "JP", "ja-JP",
            "+81 3-5550-0123", "+81 90-5550-0123", "Chloé Tremblay"),
    _Person("Lee Gu", "Director", "Manufacturing", "Overland Park", "US", "en-US",
            "+1 913 555 0101", None, "Nestor Wilke", (("accountEnabled", False),)),
    _Person("Søren Grønnegård", "Intern", "Engineering", "Malmö", "SE", "sv-SE",
            None, None, "Johanna Lorenz", (("mail", None),)),
)  # fmt: skip
_GUEST = "Diego Siciliani"

_LETTERS = str.maketrans({"ü": "u", "ß": "ss", "é": "e", "ø": "o", "å": "a"})


def sample_tenant(domain: str) -> Iterator[Json]:
    """Events, without numbers, that add the people, their managers, the groups and their members."""
    for number, person in enumerate(_PEOPLE, 1):
        yield {"put": "user", "object": _user(person, number, domain)}
    yield {"put": "user", "object": _guest(domain)}
    for person in _PEOPLE:
        if person.manager is not None:
            yield {"user": _id(person.name), "manager": _id(person.manager)}
    everyone = [person.name for person in _PEOPLE]
    engineers = [person.name for person in _PEOPLE if person.department == "Engineering"]
    facilities = [person.name for person in _PEOPLE if person.department == "Facilities"]
    yield from _group("All staff", everyone)
    yield from _group("Engineering", engineers)
    yield from _group("Facilities team", facilities, groupTypes=["Unified"], mailEnabled=True, visibility="Private")
    yield from _group("Eptura users", ["Adele Vance", "Megan Bowen", "Engineering"])


def _user(person: _Person, number: int, domain: str) -> Json:
    given, _, surname = person.name.partition(" ")
    local = f"{given}.{surname}".lower().translate(_LETTERS)
    values: Json = {
        **_identity(person.name),
        "givenName": given,
        "surname": surname,
        "userPrincipalName": f"{local}@{domain}",
        "mailNickname": local,
        "mail": f"{local}@{domain}",
        "jobTitle": person.title,
        "department": person.department,
        "companyName": "Contoso",
        "employeeId": f"E{number:04}",
        "city": person.city,
        "country": person.country,
        "usageLocation": person.country,
        "preferredLanguage": person.language,
        "businessPhones": [person.work_phone] if person.work_phone else [],
        "mobilePhone": person.mobile_phone,
        **dict(person.more),
    }
    return {name: value for name, value in values.items() if value not in (None, [])}


def _guest(domain: str) -> Json:
    given, _, surname = _GUEST.partition(" ")
    local = "diego.siciliani_fabrikam.example#EXT#"
    return {
        **_identity(_GUEST),
        "givenName": given,
        "surname": surname,
        "userPrincipalName": f"{local}@{domain}",
        "mailNickname": local,
        "mail": "diego.siciliani@fabrikam.example",
        "companyName": "Fabrikam",
        "userType": "Guest",
        "externalUserState": "Accepted",
    }


def _group(name: str, members: list[str], **more: Any) -> Iterator[Json]:
    nickname = name.replace(" ", "-").lower()
    yield {"put": "group", "object": {**_identity(name), "mailNickname": nickname, **more}}
    yield {"group": _id(name), "add": [_id(member) for member in members]}


def _identity(name: str) -> Json:
    return {"id": _id(name), "createdDateTime": _CREATED, "displayName": name}


def _id(name: str) -> str:
    return str(uuid.uuid5(_IDS, name))
