"""Wrong inputs are reported all at once; what is not yet known is left for later."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.plugin_sdk.validation import InputFailure, check
from eptura_scim.plugin_sdk.values import UNKNOWN
from tests.integration.plugin_sdk.sample_plugin import ThingInputs


def test_all_failures_are_reported_at_once() -> None:
    wrong = {"kind": 5, "parts": {"left.arm": {"size": -1}, "head": {}}, "tags": ["a", 2], "colour": "red"}
    assert sorted(check(ThingInputs, wrong).failures) == [
        InputFailure("colour", "is not a property of this resource"),
        InputFailure("displayName", "is required"),
        InputFailure("kind", "must be a valid string"),
        InputFailure("parts.head.size", "is required"),
        InputFailure('parts["left.arm"].size', "must be greater than or equal to 0"),
        InputFailure("tags[1]", "must be a valid string"),
    ]


def test_a_rule_says_its_own_reason() -> None:
    assert check(ThingInputs, {"displayName": "reserved"}).failures == [InputFailure("displayName", "is reserved")]


def test_defaults_are_written_out() -> None:
    assert check(ThingInputs, {"displayName": "a"}).inputs == {
        "displayName": "a",
        "kind": "plain",
        "parts": {},
        "tags": [],
    }


def test_null_means_missing() -> None:
    assert check(ThingInputs, {"displayName": "a", "kind": None}) == check(ThingInputs, {"displayName": "a"})


@pytest.mark.parametrize(
    "unknown", [{"displayName": UNKNOWN}, {"parts": {"head": {"size": UNKNOWN}}}, {"tags": [UNKNOWN]}]
)
def test_unknown_inputs_are_passed_on_unchecked(unknown: dict[str, Any]) -> None:
    checked = check(ThingInputs, {"displayName": "a", **unknown})
    assert not checked.failures
    assert unknown.items() <= checked.inputs.items()


def test_known_inputs_are_checked_while_others_are_unknown() -> None:
    checked = check(ThingInputs, {"displayName": UNKNOWN, "kind": 5, "colour": "red"})
    assert sorted(failure.path for failure in checked.failures) == ["colour", "kind"]


def test_a_failure_does_not_quote_the_value() -> None:
    failures = check(ThingInputs, {"displayName": ["hunter2"]}).failures
    assert failures
    assert "hunter2" not in str(failures)
