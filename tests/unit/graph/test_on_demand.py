"""Answers of provisionOnDemand in every shape that Microsoft shows, and the pace that it allows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eptura_scim.graph.on_demand import OnDemandResult, RateLimit, parse_answer

STEPS_0_AND_2 = ("value[0].provisioningSteps[0]", "value[0].provisioningSteps[2]")
DETAILS = ("value[0].provisioningSteps[0].details",)
STATUS_INFO = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"


def step(kind: str, status: str = "Success", description: str = "", **details: str) -> dict[str, Any]:
    return {
        "name": f"Entry{kind}",
        "type": kind,
        "status": status,
        "description": description,
        "timestamp": "2020-06-26T13:58:24.5494971Z",
        "details": details,
    }


def value(status: str | None, *steps: dict[str, Any], **info: Any) -> dict[str, Any]:
    """As the reference's sample of a user: result, steps, properties, both identities."""
    return {
        "action": "Other",
        "modifiedProperties": [{"displayName": "objectId", "oldValue": None, "newValue": "52cf"}],
        "provisioningSteps": list(steps),
        "statusInfo": {"status": status, "errorCode": None, "reason": None, "recommendedAction": None, **info},
        "targetIdentity": {"id": "52507a19", "type": "urn:x:User", "displayName": None, "details": None},
    }


def by_key(result: str, content: Any, **details: str) -> dict[str, str]:
    return {"key": json.dumps({"result": result, "details": details}), "value": json.dumps(content)}


SKIP = step("Export", "Skipped", "No change is needed.", SkipReason="RedundantExport")
MATCHING = by_key(
    "Skipped",
    value("Skipped", step("Import"), step("Matching"), step("Scoping"), SKIP),
    errorCode="RedundantExport",
    errorMessage="Source and target match.",
)


def test_the_references_sample_means_that_there_is_nothing_to_do() -> None:
    result = parse_answer(MATCHING)
    assert (result.outcome, result.result, result.error_code) == ("nothingToDo", "Skipped", "RedundantExport")
    assert result.reason == "Source and target match."
    assert [(part.type, part.status) for part in result.steps] == [
        ("Import", "Success"),
        ("Matching", "Success"),
        ("Scoping", "Success"),
        ("Export", "Skipped"),
    ]
    assert (result.target_id, result.action) == ("52507a19", "Other")
    assert [(change.display_name, change.new_value) for change in result.changes] == [("objectId", "52cf")]


def test_the_other_shape_has_types_as_keys_of_lists() -> None:
    content = [value("Skipped", step("Import"), SKIP)]
    result = parse_answer({"key": STATUS_INFO, "value": json.dumps(content)})
    assert (result.outcome, result.error_code, result.reason) == (
        "nothingToDo",
        "RedundantExport",
        "No change is needed.",
    )


def test_the_references_sample_of_a_group_has_a_result_alone() -> None:
    result = parse_answer(by_key("Success", {}))
    assert (result.outcome, result.steps, result.changes) == ("provisioned", (), ())


def test_of_several_values_the_worst_counts() -> None:
    content = [value("Success", step("Export")), value("Failure", step("Export", "Failure"), reason="409"), value(None)]
    result = parse_answer({"key": STATUS_INFO, "value": json.dumps(content)})
    assert (result.outcome, result.result, result.reason) == ("failed", "Failure", "409")
    assert len(result.steps) == 2


def test_a_failure_says_what_the_service_says() -> None:
    content = value(
        "Failure",
        step("Import"),
        step("Export", "Failure", "Failed to create", ErrorCode="Conflict"),
        errorCode="SystemForCrossDomainIdentityManagementServiceIncompatible",
        reason="Message: userName is taken",
        recommendedAction="Change it.",
    )
    result = parse_answer({"key": STATUS_INFO, "value": json.dumps(content)})
    assert result.outcome == "failed"
    assert result.error_code == "SystemForCrossDomainIdentityManagementServiceIncompatible"
    assert (result.reason, result.recommended_action) == ("Message: userName is taken", "Change it.")


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (by_key("Skipped", value("Skipped"), errorCode="NotEffectivelyEntitled"), "skipped", "NotEffectivelyEntitled"),
        (by_key("Warning", value("Warning")), "provisioned", None),
        (by_key("success", value(None)), "provisioned", None),
        (by_key("SomethingNew", value(None)), "failed", None),
        ({"key": STATUS_INFO, "value": json.dumps([value(None, step("Import"), step("Export"))])}, "provisioned", None),
        (
            {"key": None, "value": json.dumps(value(None, step("Matching", "Failure", ErrorCode="X"), step("Export")))},
            "failed",
            "X",
        ),
        ({"key": STATUS_INFO, "value": "[]"}, "failed", None),
        ({"key": STATUS_INFO, "value": ""}, "failed", None),
        ({"key": STATUS_INFO, "value": "no JSON"}, "failed", None),
        ({"key": STATUS_INFO, "value": None}, "failed", None),
        ({"key": '{"result":"Success","details":null}', "value": '{"provisioningSteps":null}'}, "provisioned", None),
    ],
    ids=[
        "not in scope",
        "warning",
        "result in lower case",
        "an unknown result",
        "no result, steps that went well",
        "no result, a step that failed",
        "nothing in a list",
        "empty",
        "no JSON",
        "null",
        "null parts",
    ],
)
def test_every_answer_has_an_outcome(answer: Any, outcome: str, code: str | None) -> None:
    result = parse_answer(answer)
    assert isinstance(result, OnDemandResult)
    assert (result.outcome, result.error_code) == (outcome, code)


@pytest.mark.parametrize(
    ("answer", "outcome", "unread"),
    [
        (None, "failed", ("the whole answer",)),
        ([], "failed", ("the whole answer",)),
        ({}, "failed", ()),
        ({"key": STATUS_INFO, "value": "no JSON"}, "failed", ("value[0]",)),
        (by_key("Success", [1, value("Success"), "x"]), "provisioned", ("value[0]", "value[2]")),
        (by_key("Success", {"action": ["Create"]}), "provisioned", ("value[0].action",)),
        (by_key("Success", {"statusInfo": "Success"}), "provisioned", ("value[0].statusInfo",)),
        (by_key("Success", {"provisioningSteps": [None, step("Import"), 5]}), "provisioned", STEPS_0_AND_2),
        (by_key("Success", {"provisioningSteps": [{**step("Export"), "details": 7}]}), "provisioned", DETAILS),
        ({"key": '{"result":["Success"]}', "value": json.dumps(value("Success"))}, "provisioned", ("key.result",)),
        ({"key": '{"result":"Success","details":"text"}', "value": "{}"}, "provisioned", ("key.details",)),
    ],
    ids=lambda found: "" if isinstance(found, (str, tuple)) else json.dumps(found)[:60],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_shown(answer: Any, outcome: str, unread: tuple[str, ...]) -> None:
    result = parse_answer(answer)
    assert (result.outcome, result.unread) == (outcome, unread)


def test_a_number_where_a_text_is_documented_is_read() -> None:
    result = parse_answer(by_key("Success", {"targetIdentity": {"id": 17}}))
    assert (result.target_id, result.unread) == ("17", ())


class Time:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_no_ten_seconds_see_more_than_five_requests() -> None:
    time, sent = Time(), list[float]()
    rate_limit = RateLimit(clock=time.clock, sleep=time.sleep)
    for _ in range(17):
        await rate_limit.turn()
        sent.append(time.now)
        time.now += 0.5
    assert sent[:5] == [100.0, 100.5, 101.0, 101.5, 102.0], "the first ones do not wait"
    assert all(later - earlier >= 10 for earlier, later in zip(sent, sent[5:], strict=False))
    assert sent[-1] < 140, "and none waits longer than it has to"
