"""Invented users and groups: any number of them, the same ones for the same seed.

They are as untidy as real ones: guests, disabled users, missing addresses, telephone numbers written in many ways,
names outside ASCII, two groups of one name, a group within a group.
"""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from eptura_scim.types import Json

__all__ = ["generated"]

_GIVEN = (
    "Adele", "Alex", "Amara", "Ana", "Björn", "Chloé", "Dávid", "Diego", "Elif", "Emily", "Fatima", "François",
    "Grace", "Hana", "Henrietta", "Ivan", "Ines", "Jakub", "Johanna", "José", "Kim", "Lidia", "Łukasz", "Lynne",
    "Małgorzata", "Megan", "Miriam", "Nestor", "Noa", "Ólafur", "Patti", "Pradeep", "Raúl", "Søren", "Sofía", "Tuğçe",
    "Yuki", "Zoë", "伟", "さくら", "Ольга", "Δημήτρης",
)  # fmt: skip
_SURNAMES = (
    "Adams", "Andersson", "Bērziņš", "Cruz", "Díaz", "D'Angelo", "Ferrari", "Fischer", "García", "Grønnegård",
    "Gupta", "Haddad", "Ivanova", "Jansen", "Johansson", "Kowalczyk", "Lindqvist", "MacDonald", "Meyer", "Müller",
    "Ng", "Nguyễn", "Novák", "O'Brien", "Öztürk", "Papadopoulos", "Robbins", "Sánchez Pérez", "Šimić", "Smith",
    "Smith-Jones", "Tanaka", "Vance", "van den Berg", "Wilber", "Weiß", "李", "山田", "Смирнова", "Παππά",
)  # fmt: skip
_DEPARTMENTS = (
    "Engineering", "Facilities", "Finance", "Human Resources", "Information Technology", "Legal", "Marketing",
    "Operations", "R&D", "Sales", "Support", "Workplace Experience",
)  # fmt: skip
_TITLES = (
    "Account Manager", "Analyst", "Assistant", "Consultant", "Director", "Engineer", "Head of Workplace", "Intern",
    "Manager", "Specialist", "Technician", "VP, Operations",
)  # fmt: skip
_PLACES = (
    ("Atlanta", "GA", "US", "en-US", "1", "404"), ("Seattle", "WA", "US", "en-US", "1", "206"),
    ("London", None, "GB", "en-GB", "44", "20"), ("München", "BY", "DE", "de-DE", "49", "89"),
    ("Montréal", "QC", "CA", "fr-CA", "1", "514"), ("Malmö", None, "SE", "sv-SE", "46", "40"),
    ("Kraków", None, "PL", "pl-PL", "48", "12"), ("東京", None, "JP", "ja-JP", "81", "3"),
)  # fmt: skip
_PHONES = (
    "+{country} {area} {number}",
    "+{country} ({area}) {number}",
    "+{country}{area}{digits}",
    "+{country}-{area}-{number}",
    "+{country} {area} {number} ext. {extension}",
    "+{country} {area} {number} x{extension}",
    "tel:+{country}-{area}-{number}",
    "00{country} {area} {number}",
    "({area}) {number}",
    "{area}.{digits}",
    "{area} {number}",
    "{extension}",
    " +{country} {area} {number} ",
)
_CREATED = timedelta(days=2000)


def generated(count: int, seed: int, *, first: int, domain: str, now: datetime) -> Iterator[Json]:
    """Events, without numbers, that add `count` users and about one group for 25 of them.

    `first` numbers them on: no two users of different numbers have a name in common.
    """
    chance = random.Random(f"{seed}/{first}")  # noqa: S311 - for variety, not for secrets
    staff: list[str] = []
    by_department: dict[str, list[str]] = {name: [] for name in _DEPARTMENTS}
    for number in range(first + 1, first + count + 1):
        user = _user(chance, number, domain, now)
        yield {"put": "user", "object": user}
        if "userType" not in user:
            staff.append(user["id"])
            if "department" in user:
                by_department[user["department"]].append(user["id"])
    if count:
        yield from _groups(chance, staff, by_department, now)


def _user(chance: random.Random, number: int, domain: str, now: datetime) -> Json:
    given, surname = chance.choice(_GIVEN), chance.choice(_SURNAMES)
    local = f"{_ascii(given)}.{_ascii(surname)}".strip(".") or "user"
    local = f"{local}{number}"
    city, state, country, language, code, area = chance.choice(_PLACES)
    user: Json = {
        "id": _id(chance),
        "createdDateTime": _moment(chance, now),
        "displayName": f"{surname}, {given}" if chance.random() < 0.1 else f"{given} {surname}",
        "givenName": given,
        "surname": surname,
        "userPrincipalName": f"{local}@{domain}",
        "mailNickname": local,
        "city": city,
        "country": country,
        "usageLocation": country,
        "officeLocation": f"{city} / {chance.randint(1, 9)}.{chance.randint(1, 40):02}",
        "companyName": "Contoso",
        **({"state": state} if state else {}),
    }
    optional: tuple[tuple[float, str, Callable[[], Any]], ...] = (
        (0.05, "accountEnabled", lambda: False),
        (0.7, "preferredLanguage", lambda: language),
        (0.7, "businessPhones", lambda: [_phone(chance, code, area)]),
        (0.5, "mobilePhone", lambda: _phone(chance, code, area)),
        (0.9, "jobTitle", lambda: chance.choice(_TITLES)),
        (0.95, "department", lambda: chance.choice(_DEPARTMENTS)),
        (0.9, "employeeId", lambda: f"E{number:06}"),
        (0.97, "mail", lambda: f"{local}@{domain}" if chance.random() < 0.9 else f"{local[0]}{number}@mail.{domain}"),
    )
    for share, name, value in optional:
        if chance.random() < share:
            user[name] = value()
    _make_special(user, chance.random(), local, domain)
    return user


def _make_special(user: Json, kind: float, local: str, domain: str) -> None:
    """Guests, rooms, and users who come from a directory on premises; `kind` is between 0 and 1."""
    if kind < 0.04:
        user |= {
            "userType": "Guest",
            "externalUserState": "Accepted" if kind < 0.03 else "PendingAcceptance",
            "userPrincipalName": f"{local}_partner.example#EXT#@{domain}",
            "mailNickname": f"{local}_partner.example#EXT#",
            "mail": f"{local}@partner.example",
            "companyName": "Partner",
        }
        user.pop("employeeId", None)
    elif kind < 0.05:
        user["displayName"] = f"Room {user['mailNickname']}"
        for name in ("givenName", "surname", "jobTitle"):
            user.pop(name, None)
    elif kind < 0.5:
        user |= {"onPremisesSyncEnabled": True, "onPremisesSamAccountName": local[:20]}


def _groups(
    chance: random.Random, staff: list[str], by_department: dict[str, list[str]], now: datetime
) -> Iterator[Json]:
    made: list[str] = []

    def group(name: str, members: list[str], *, office: bool = False) -> Iterator[Json]:
        nickname = f"{_ascii(name) or 'group'}{len(made)}"
        entry: Json = {
            "id": _id(chance),
            "createdDateTime": _moment(chance, now),
            "displayName": name,
            "mailNickname": nickname,
        }
        if office:
            entry |= {"groupTypes": ["Unified"], "mailEnabled": True, "visibility": "Private"}
        yield {"put": "group", "object": entry}
        if members:
            yield {"group": entry["id"], "add": members}
        made.append(entry["id"])

    yield from group("All staff", staff)
    for name, members in by_department.items():
        yield from group(name, members, office=chance.random() < 0.3)
    yield from group("Facilities", chance.sample(staff, min(len(staff), 5)))  # a second one of that name
    yield from group("Büro Zürich (Süd)", chance.sample(staff, min(len(staff), 20)), office=True)
    yield from group("Everybody at work", [made[0]])
    yield from group("Nobody yet", [])
    for number in range(len(staff) // 25):
        members = chance.sample(staff, min(len(staff), chance.randint(1, 60)))
        yield from group(f"Project {number + 1:04}", members, office=chance.random() < 0.5)


def _phone(chance: random.Random, country: str, area: str) -> str:
    digits = f"555{chance.randint(0, 9999):04}"
    return chance.choice(_PHONES).format(
        country=country,
        area=area,
        digits=digits,
        number=f"{digits[:3]}-{digits[3:]}" if chance.random() < 0.7 else f"{digits[:3]} {digits[3:]}",
        extension=chance.randint(100, 9999),
    )


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(character for character in plain.lower() if character.isalnum())


def _id(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _moment(chance: random.Random, now: datetime) -> str:
    return f"{now - _CREATED * chance.random():%Y-%m-%dT%H:%M:%SZ}"
