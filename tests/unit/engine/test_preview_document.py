"""What `pulumi preview --json` prints is read."""

from __future__ import annotations

import json

import pytest

from eptura_scim.engine.errors import StackError
from eptura_scim.engine.preview_document import failure, outcome_of
from tests.unit.operations.preview_samples import COST, document, edited_by_hand, said, step, update


def test_a_preview_has_each_difference_with_both_values() -> None:
    found = outcome_of(edited_by_hand())
    assert found.drift["SynchronizationSchema"] == {
        "users.externalId.source": "update",
        "users.title": "delete",
        'users["emails[type eq \\"work\\"].value"]': "add",
    }
    [name] = [change for change in found.changes if change.word == "EnterpriseApplicationName"]
    assert (name.live["displayName"], name.wanted["displayName"]) == ("Old Eptura", "EpturaScimApplication")
    assert COST in {message.message for message in found.diagnostics}


def test_lines_of_a_language_host_before_the_json_are_skipped() -> None:
    assert outcome_of(f"warning: using another host\n{edited_by_hand()}") == outcome_of(edited_by_hand())


def test_what_is_secret_in_the_configuration_is_not_kept() -> None:
    assert "hidden" not in repr(outcome_of(document(config={"eptura:secretToken": "hidden"})))


@pytest.mark.parametrize("text", ["", "error: no stack", "[]", '{"steps": 5}', '{"steps": [null, {"op": 5}]}'])
def test_another_document_is_a_readable_error_or_empty(text: str) -> None:
    try:
        assert not outcome_of(text).drift
    except StackError as error:
        assert "no JSON document" in str(error)


def test_a_failed_preview_gives_the_first_reason() -> None:
    reason = "the login was refused"
    failed = failure(
        document(
            step("SynchronizationSecrets", "refresh"),
            diagnostics=[
                said("SynchronizationSecrets", f"Preview failed: {reason}", "error"),
                {"message": "error: preview failed\n", "severity": "error"},
            ],
        )
    )
    assert str(failed) == reason
    alone = {"message": "error: preview failed\n", "severity": "error"}
    assert str(failure(document(diagnostics=[alone]))) == "preview failed"
    assert failure("error: no stack named 'x' found") is None
    assert failure(document(update("A", {}, {}))) is None


def test_a_value_that_only_the_outputs_have_is_live_as_well() -> None:
    text = document(
        step("ServicePrincipal", "update", oldState={"inputs": {}, "outputs": {"notes": "by hand"}}, newState={})
    )
    assert json.loads(text)["steps"][1]["oldState"]["outputs"]["notes"] == outcome_of(text).changes[1].live["notes"]
