"""The state does not say what was declared last, after `pulumi import` or `pulumi state delete`: Entra says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.engine import Record
from tests.outcomes.sandbox import Sandbox

SALES = {"scope": "assigned", "assignedGroups": "Sales"}
WIDER_AND_FILTERED = {"scope": "assigned", "assignedGroups": "Everyone", "userFilter": 'department EQUALS "sales"'}


def unrecorded(state: list[Record]) -> list[Record]:
    """As an import leaves it, or an older version."""

    def without(values: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if name != "configuration"}

    return [replace(record, inputs=without(record.inputs), outputs=without(record.outputs)) for record in state]


def without_ours(state: list[Record]) -> list[Record]:
    """After `pulumi state delete` of everything below the job."""
    return [record for record in state if ":Synchronization" not in record.type]


def without_job(state: list[Record]) -> list[Record]:
    """After `pulumi state delete` of the job alone."""
    return [record for record in state if not record.type.endswith(":SynchronizationJob")]


@pytest.mark.parametrize("forgotten", [unrecorded, without_ours, without_job])
def test_several_changes_are_not_mixed_after_an_unrecorded_state(
    sandbox: Sandbox, company: Company, forgotten: Callable[[list[Record]], list[Record]]
) -> None:
    before, after = (sandbox.settings(**company.with_ids(changes)) for changes in (SALES, WIDER_AND_FILTERED))
    converged(sandbox, company, before)
    sandbox.engine.state = forgotten(sandbox.engine.state)
    sandbox.eptura.journal.clear()
    run = sandbox.up(after, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    assert any(call.endswith("/pause") for call in sandbox.writes)
    converged(sandbox, company, after)
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert sandbox.preview(after).clean


def test_an_unrecorded_state_is_not_a_difference(sandbox: Sandbox, company: Company) -> None:
    settings = sandbox.settings(**company.with_ids(SALES))
    converged(sandbox, company, settings)
    sandbox.engine.state = unrecorded(sandbox.engine.state)
    assert sandbox.preview(settings).clean
    assert sandbox.up(settings).clean
    assert sandbox.writes == []
