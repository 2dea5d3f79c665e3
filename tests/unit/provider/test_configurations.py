"""What a program declares, in short: what changes it, and which assignments it says are removed."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.configuration import (
    changed_groups,
    changes,
    digest_of_assigned,
    digest_of_connection,
    digest_of_mappings,
)

URL = "https://scim.eptura.example/scim/v1/"


@pytest.mark.parametrize(("url", "scope", "skips"), [(f"{URL}x", "all", False), (URL, "assigned", False),
                                                     (URL, "all", True)])  # fmt: skip
def test_each_setting_of_a_connection_changes_its_digest(url: str, scope: str, skips: bool) -> None:
    first = digest_of_connection(URL, "all", skip_out_of_scope_deletions=False)
    assert digest_of_connection(url, scope, skip_out_of_scope_deletions=skips) != first


def test_another_order_of_the_mappings_changes_nothing() -> None:
    wanted = documented.mappings()
    other = wanted.model_copy(update={"users": dict(reversed(wanted.users.items()))})
    assert list(other.users) != list(wanted.users)
    assert digest_of_mappings(other) == digest_of_mappings(wanted)


@pytest.mark.parametrize(
    ("before", "after", "removes"),
    [
        (["a", "b"], ["a"], True),
        (["a"], ["a", "b"], False),
        (["a"], [], True),
        ([], ["a"], False),
        (["a"], UNKNOWN, True),
        ([], UNKNOWN, False),
    ],
)
def test_assignments_are_removed_only_where_there_were_some(before: list[str], after: Any, removes: bool) -> None:
    old = {"secrets": "a", "mappings": "a", "assignments": digest_of_assigned(before)}
    new = {**old, "assignments": UNKNOWN if after is UNKNOWN else digest_of_assigned(after)}
    assert changes(new, old).removes_assignments is removes


FIRST = {"secrets": "a", "mappings": "a", "assignments": "a", "provisioningStatus": "On"}
OFF = {**FIRST, "provisioningStatus": "Off"}


@pytest.mark.parametrize(("new", "old", "is_off"), [(OFF, FIRST, True), (FIRST, OFF, False), (OFF, OFF, False)])
def test_provisioning_is_turned_off_only_where_it_was_on(new: Any, old: Any, is_off: bool) -> None:
    assert changes(new, old) == (False, is_off, False)


@pytest.mark.parametrize(
    ("new", "old", "changed"),
    [
        (FIRST, FIRST, set()),
        ({**FIRST, "mappings": "b"}, FIRST, {"mappings"}),
        ({**FIRST, "mappings": "b", "secrets": "b", "assignments": "b"}, FIRST, {"secrets", "mappings", "assignments"}),
        (OFF, FIRST, set()),
        (None, FIRST, set()),
        (FIRST, None, set()),
    ],
)
def test_only_groups_that_differ_from_a_known_run_change(new: Any, old: Any, changed: set[str]) -> None:
    assert changed_groups(new, old) == changed
    assert changes(new, old).several_writes is (len(changed) > 1)
