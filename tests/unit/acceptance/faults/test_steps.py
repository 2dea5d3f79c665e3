"""Steps are found in the log of calls, and each can be met by itself."""

from __future__ import annotations

import pytest

from acceptance.faults.steps import FaultStep, steps_of
from eptura_scim.local_entra import Calls, Fault

PRINCIPAL = "11111111-1111-1111-1111-111111111111"
JOB = f"/v1.0/servicePrincipals/{PRINCIPAL}/synchronization/jobs/scim.0123.{PRINCIPAL}"
OURS, AZUREAD = "eptura-scim azsdk-python-core/1.0", "python-httpx/0.28"
MADE = [
    ("GET", JOB, OURS, 200),
    ("GET", JOB, AZUREAD, 200),
    ("GET", f"{JOB}/schema", OURS, 200),
    ("PUT", f"{JOB}/schema", OURS, 204),
    ("GET", f"{JOB}/schema", OURS, 200),
    ("POST", JOB.rpartition("/")[0], AZUREAD, 201),
    ("POST", f"/{PRINCIPAL}/oauth2/v2.0/token", "azsdk-python-identity/1.27", 200),
]


@pytest.fixture
def calls() -> Calls:
    made = Calls()
    for method, path, agent, status in MADE:
        made.record(
            method=method, path=path, query="", status=status, request_id="", user_agent=agent, body=b"", fault=None
        )
    return made


def test_calls_of_one_kind_are_one_step(calls: Calls) -> None:
    assert [step.label for step in steps_of(calls)] == [
        "azuread POST …/jobs",
        "azuread GET …/jobs/{job}",
        "eptura-scim POST /{tenant}/oauth2/v2.0/token",
        "eptura-scim GET …/jobs/{job}",
        "eptura-scim GET …/jobs/{job}/schema",
        "eptura-scim PUT …/jobs/{job}/schema",
    ]


def test_what_makes_an_object_and_what_is_not_graph_are_known(calls: Calls) -> None:
    steps = steps_of(calls)
    assert [step.label for step in steps if step.creates] == ["azuread POST …/jobs"]
    assert [step.label for step in steps if not step.is_graph] == ["eptura-scim POST /{tenant}/oauth2/v2.0/token"]


def test_a_fault_for_a_step_meets_its_calls_and_no_others(calls: Calls) -> None:
    def met(step: FaultStep) -> int:
        fault = Fault(**step.where)
        return sum(fault.matches(call.method, call.path, call.user_agent) for call in calls)

    assert [met(step) for step in steps_of(calls)] == [1, 1, 1, 1, 2, 1]
