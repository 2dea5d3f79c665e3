"""How fast mappings are evaluated on one core, against the same written by hand in Python."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.figures import Figure, at_most, ratios, take_turns
from benchmarks.processes import NotMeasuredError
from eptura_scim import documented
from eptura_scim.mapping import IgnoreFlow, compile_expression
from eptura_scim.mapping.source import source_reader

__all__ = ["measure"]

USERS = 10_000

Person = Mapping[str, Any]
Flow = Callable[[Person], Any]


def measure(runs: int, users: int = USERS) -> list[Figure]:
    """Seconds of processor time that all mappings of all users take, and what that makes a second."""
    people = _people(users)
    attributes = [source_reader("User", _WANTED)(person) for person in people]
    plain, phones = _mappings("off"), _mappings("rfc3966")
    for compiled, written in ((plain, _BY_HAND), (phones, _BY_HAND | _PHONES_BY_HAND)):
        if _flowing(compiled, attributes) != _flowing(written, attributes):
            raise NotMeasuredError("what is written by hand gives something else than the mappings")
    taken = take_turns(
        runs,
        lambda: _seconds(plain, attributes),
        lambda: _seconds(_BY_HAND, attributes),
        lambda: _seconds(phones, attributes),
        lambda: _seconds(_BY_HAND | _PHONES_BY_HAND, attributes),
        lambda: _read_seconds(people),
    )
    six, six_by_hand, eight, eight_by_hand, reading = taken
    return [
        Figure("the six documented mappings", "/s", _rate(six, users * len(plain))),
        Figure("the six, ratio to the same by hand", "times", ratios(six, six_by_hand), at_most(4)),
        Figure("with both phones as RFC 3966", "/s", _rate(eight, users * len(phones))),
        Figure("with phones, ratio to the same by hand", "times", ratios(eight, eight_by_hand), at_most(8)),
        Figure("users read from Graph's JSON", "/s", _rate(reading, users)),
    ]


def _rate(seconds: Sequence[float], count: int) -> tuple[float, ...]:
    return tuple(count / one for one in seconds)


def _mappings(phones: documented.Phone) -> dict[str, Flow]:
    found = documented.mappings(
        phone_work=phones, phone_mobile=phones, group_matching="externalIdThenDisplayName"
    ).users
    return {target: compile_expression(mapping.source or '""') for target, mapping in found.items()}


def _flowing(flows: Mapping[str, Flow], attributes: Sequence[Person]) -> list[dict[str, Any]]:
    return [
        {target: value for target, flow in flows.items() if not isinstance(value := flow(person), IgnoreFlow)}
        for person in attributes
    ]


def _seconds(flows: Mapping[str, Flow], attributes: Sequence[Person]) -> float:
    # Processor time: other work on the machine does not count.
    every = list(flows.values())
    started = time.process_time()
    for person in attributes:
        for flow in every:
            flow(person)
    return time.process_time() - started


def _read_seconds(people: Sequence[Person]) -> float:
    read = source_reader("User", _WANTED)
    started = time.process_time()
    for person in people:
        read(person)
    return time.process_time() - started


_WANTED = (
    "userPrincipalName",
    "IsSoftDeleted",
    "mail",
    "givenName",
    "surname",
    "objectId",
    "telephoneNumber",
    "mobile",
)


def _people(count: int) -> list[Person]:
    return [
        {
            "id": f"00000000-0000-0000-0000-{number:012}",
            "accountEnabled": number % 50 != 0,
            "businessPhones": [f"+1 (425) 555-{number:04}"] if number % 3 else [],
            "givenName": f"Given{number}",
            "mail": f"user{number}@contoso.example" if number % 20 else None,
            "mobilePhone": f"+44 (0)7{number:09} x{number % 100}" if number % 2 else None,
            "surname": f"Family{number}",
            "userPrincipalName": f"user{number}@contoso.example",
        }
        for number in range(count)
    ]


_SEPARATORS = re.compile(r"(?<=\+44) ?\(0|[\s().-]+")
_URI = re.compile(r"(\+[1-9][0-9]{6,14})(?:x([0-9]+))?")


def _active(person: Person) -> str:
    return "False" if person["IsSoftDeleted"] else "True"


def _uri(name: str) -> Flow:
    def flow(person: Person) -> Any:
        number = person[name]
        found = _URI.fullmatch(_SEPARATORS.sub("", number)) if number else None
        if found is None:
            return IgnoreFlow.ATTRIBUTE
        return f"tel:{found[1]};ext={found[2]}" if found[2] else f"tel:{found[1]}"

    return flow


_BY_HAND: dict[str, Flow] = {
    "userName": lambda person: person["userPrincipalName"],
    "active": _active,
    'emails[type eq "work"].value': lambda person: person["mail"],
    "name.givenName": lambda person: person["givenName"],
    "name.familyName": lambda person: person["surname"],
    "externalId": lambda person: person["objectId"],
}
_PHONES_BY_HAND: dict[str, Flow] = {
    'phoneNumbers[type eq "work"].value': _uri("telephoneNumber"),
    'phoneNumbers[type eq "mobile"].value': _uri("mobile"),
}
