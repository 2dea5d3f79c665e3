"""Small directories, and what a check says of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from eptura_scim import documented
from eptura_scim.mapping import Mappings
from eptura_scim.mapping.flow import GraphObject
from eptura_scim.simulation.directory_check.partition import FoundObject, PageEnd, Unreadable
from eptura_scim.simulation.directory_check.result import CheckResult, DirectoryFinding
from eptura_scim.simulation.directory_check.run import check
from eptura_scim.simulation.directory_check.scan import ScanPlan
from eptura_scim.types import Kind

NOW = datetime(2026, 11, 24, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'&"
"""A text that would break a page or a table that does not escape it."""


@dataclass(frozen=True)
class ObjectsPartition:
    """Objects that are in memory already."""

    given: Sequence[FoundObject]
    number: int = 0
    kind: Kind | None = None

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.given)

    def objects(self) -> Iterator[FoundObject]:
        """All of them."""
        return iter(self.given)

    def reread(self, offsets: Collection[int]) -> Iterator[tuple[int, GraphObject]]:
        """The objects at these offsets."""
        for at, found in self.given:
            if at in offsets and not isinstance(found, Unreadable | PageEnd):
                yield at, found


def user(name: str = "adele", **properties: Any) -> dict[str, Any]:
    """A user who has all that the guide wants."""
    return {
        "id": f"id-{name}",
        "userPrincipalName": f"{name}@contoso.example",
        "mail": f"{name}@contoso.example",
        "givenName": "Adele",
        "surname": "Vance",
        "displayName": "Adele Vance",
        "accountEnabled": True,
        "userType": "Member",
        **properties,
    }


def group(name: str = "Floor 2", **properties: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.group", "id": f"id-{name}", "displayName": name, **properties}


def write_directory(folder: Path) -> Path:
    """An export with a sound user, users and groups with errors, and a line that is not JSON."""
    users = [
        user("good", businessPhones=["+1 (425) 555-0100"]),
        user("nomail", mail=None, displayName=EVIL, businessPhones=[EVIL]),
        user(EVIL, surname=None),
        user("off", accountEnabled=False),
    ]
    lines = [json.dumps(one) for one in (*users, group("x", id="1"), group("x", id="2"))]
    export = folder / "export.ndjson"
    export.write_text("\n".join([*lines, EVIL]) + "\n", encoding="utf-8")
    return export


def plan(mappings: Mappings | None = None, **options: Any) -> ScanPlan:
    return ScanPlan(mappings or documented.mappings(), NOW, **options)


def partitions(objects: Sequence[dict[str, Any]], at: Iterable[int] = ()) -> list[ObjectsPartition]:
    """The objects in order, cut before each of the indexes."""
    cuts = [0, *sorted(at), len(objects)]
    numbered = list(enumerate(objects, 1))
    return [ObjectsPartition(numbered[start:end], number) for number, (start, end) in enumerate(pairwise(cuts))]


def result_of(*objects: dict[str, Any], mappings: Mappings | None = None, **options: Any) -> CheckResult:
    return check(plan(mappings, **options), partitions(objects))


def finding(result: CheckResult, code: str, attribute: str | None = None) -> DirectoryFinding:
    """The one finding of a code."""
    [found] = [
        one for one in result.findings if one.code == code and attribute in {None, one.attribute}
    ]  # fmt: skip
    return found


def codes(result: CheckResult) -> list[str]:
    return [one.code for one in result.findings]
