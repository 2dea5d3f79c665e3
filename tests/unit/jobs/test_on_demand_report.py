"""What `provision-on-demand` says of Entra's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eptura_scim.cli.on_demand_text import sentences
from eptura_scim.graph.on_demand import parse_answer
from eptura_scim.graph.principals import Principal
from eptura_scim.jobs.on_demand_report import OnDemandReport, on_demand_report
from tests.unit.graph.test_on_demand import MATCHING, by_key, step, value

ADELE = Principal("User", "9bb0f679", "adele@contoso.com", "Adele Vance")
SALES = Principal("Group", "8213fd99", "Sales", "Sales")
CREATED = by_key(
    "Success",
    {
        **value(
            "Success",
            step("Import", "Success", "Retrieved", mail="adele@contoso.com"),
            step("Scoping", "Success", "In scope?", Assigned="True"),
            step("Export", "Success", "User 'adele' was created in customappsso", userName="adele"),
        ),
        "action": "Create",
        "modifiedProperties": [
            {"displayName": "userName", "oldValue": None, "newValue": "adele"},
            {"displayName": "active", "oldValue": "False", "newValue": "True"},
        ],
    },
)
SKIPPED = by_key(
    "Skipped",
    value("Skipped", step("Scoping", "Skipped", "Not in scope.", Assigned="False", IsActive="True")),
    errorCode="NotEffectivelyEntitled",
    errorMessage="This object is not assigned.",
)
FAILED = by_key(
    "Failure", value("Failure", reason="userName is taken", recommendedAction="Change it."), errorCode="409"
)


def report(principal: Principal, *answers: Any, members: int = 0, **options: Any) -> OnDemandReport:
    ids = tuple(f"m{number}" for number in range(members))
    return on_demand_report(principal, [(ids, parse_answer(answer)) for answer in answers], options.pop("warnings", []))


@pytest.mark.parametrize(
    ("answers", "outcome", "exit_code"),
    [
        ([CREATED], "provisioned", 0),
        ([MATCHING], "nothingToDo", 0),
        ([SKIPPED], "skipped", 3),
        ([FAILED], "failed", 4),
        ([], "notAssigned", 3),
        ([MATCHING, CREATED], "provisioned", 0),
        ([CREATED, SKIPPED], "skipped", 3),
        ([SKIPPED, FAILED], "failed", 4),
    ],
    ids=lambda value: "" if isinstance(value, list) else str(value),
)
def test_the_exit_code_is_that_of_the_worst_request(answers: list[Any], outcome: str, exit_code: int) -> None:
    seen = report(ADELE, *answers)
    assert (seen.outcome, seen.exit_code) == (outcome, exit_code)


def test_a_created_user_is_shown_step_by_step_with_the_request() -> None:
    assert list(sentences(report(ADELE, CREATED))) == [
        "User adele@contoso.com (Adele Vance, 9bb0f679)",
        "  Import    Success  Retrieved",
        "  Scoping   Success  In scope?",
        "    Assigned: True",
        "  Export    Success  User 'adele' was created in customappsso",
        "    userName: adele",
        "    active: False -> True",
        "  Provisioned (Create); its id at Eptura is 52507a19",
    ]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            [MATCHING],
            ["Export    Skipped  No change is needed.", "SkipReason", "Nothing to do: Entra and Eptura match"],
        ),
        (
            [SKIPPED],
            [
                "Assigned: False, IsActive: True",
                "Skipped: This object is not assigned. (NotEffectivelyEntitled). Entra honours a new assignment",
                "--wait 300",
            ],
        ),
        ([FAILED], ["Failed: userName is taken (409). Change it."]),
        ([by_key("Nonsense", {})], ["Failed: Entra gives no reason"]),
        ([], ["Nothing was sent: it is not assigned", "--wait 300", "--unassigned"]),
    ],
    ids=["match", "skipped", "failed", "unknown", "not assigned"],
)
def test_what_was_not_done_says_why_and_what_to_do(answers: list[Any], words: list[str]) -> None:
    text = "\n".join(sentences(report(ADELE, *answers)))
    for word in words:
        assert word in text
    assert "objectId: 52cf" not in text, "what was imported of a skipped object is no change"


def test_no_wait_is_advised_for_a_user_disabled_in_entra() -> None:
    scoping = step("Scoping", "Skipped", "Not in scope.", Assigned="True", IsActive="False")
    answer = by_key("Skipped", value("Skipped", scoping), errorCode="NotEffectivelyEntitled")
    text = "\n".join(sentences(report(ADELE, answer)))
    assert "IsActive: False" in text
    assert "It is not active in Entra" in text
    assert "--wait" not in text


def test_a_group_shows_its_requests_and_the_members_left() -> None:
    results = [(("a", "b", "c", "d", "e"), parse_answer(CREATED)), (("f",), parse_answer(FAILED))]
    text = "\n".join(sentences(on_demand_report(SALES, results, ["a warning"], members_left=7)))
    assert text.startswith("Group Sales (8213fd99)\n  With members 1 to 5:\n")
    assert "  With member 6:\n" in text
    assert text.endswith("  Members that were not sent: 7\nwarning: a warning")


def test_the_json_has_exactly_the_documented_fields() -> None:
    seen = json.loads(report(ADELE, CREATED, warnings=["w"]).model_dump_json())
    assert list(seen) == [
        "kind",
        "objectId",
        "name",
        "displayName",
        "outcome",
        "exitCode",
        "warnings",
        "membersLeft",
        "requests",
    ]
    assert list(seen["requests"][0]) == [
        "members",
        "outcome",
        "result",
        "errorCode",
        "reason",
        "recommendedAction",
        "action",
        "targetId",
        "steps",
        "changes",
    ]
    assert seen["requests"][0]["changes"][1] == {"attribute": "active", "old": "False", "new": "True"}
    assert list(seen["requests"][0]["steps"][0]) == ["type", "status", "description", "details"]


def test_documented_parts_of_another_answer_are_shown() -> None:
    created = step("Export", "Success", "User 'adele' was created")
    answer = by_key("Success", {**value("Success", created), "action": []})
    said = list(sentences(report(ADELE, answer)))
    assert "  Export    Success  User 'adele' was created" in said
    assert "  Provisioned; its id at Eptura is 52507a19" in said
    assert said[-1] == "warning: Entra's answer is not as documented, and not shown, at: value[0].action"


def test_an_answer_without_a_result_is_not_a_failure_at_eptura() -> None:
    seen = report(ADELE, {"key": None, "value": '{"action": "Create"}'})
    assert list(sentences(seen))[1].startswith("  Not known: Entra carried the request out (Create)")
    assert seen.exit_code == 4
