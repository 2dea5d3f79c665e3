"""A state that an older version of the provider wrote: fields are missing that came later, or have another form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from acceptance.company import Company, harm
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.engine import Record
from tests.outcomes.sandbox import Sandbox

Edit = Callable[[dict[str, Any]], dict[str, Any]]
SALES = {"scope": "assigned", "assignedGroups": "Sales"}


def without(*names: str) -> Edit:
    return lambda values: {name: value for name, value in values.items() if name not in names}


def configured(edit: Edit) -> Edit:
    def edited(values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "configuration": edit(values["configuration"])} if "configuration" in values else values

    return edited


def of_ours(state: list[Record], edit: Edit) -> list[Record]:
    """The state with each of our records edited, inputs and outputs."""
    return [
        replace(record, inputs=edit(record.inputs), outputs=edit(record.outputs))
        if record.type.startswith("eptura-scim:")
        else record
        for record in state
    ]


@pytest.mark.parametrize("refresh", [True, False], ids=["refresh", "no refresh"])
@pytest.mark.parametrize(
    ("edit", "is_clean"),
    [
        (without("linkedTo"), True),
        (without("otherJobs"), True),
        (without("furtherMappings"), True),
        (without("linkedTo", "otherJobs", "furtherMappings", "configuration"), True),
        (configured(without("provisioningStatus")), True),
        (configured(lambda values: {**values, "assignments": "0123456789ab"}), True),
        (configured(lambda values: {**values, "unheardOf": "later"}), True),
        (configured(lambda _values: {"digest": "0123456789ab"}), False),
        (lambda values: {**values, "configuration": "0123456789ab"}, True),
        (lambda values: {**values, "unheardOf": "later"}, True),
    ],
    ids=[
        "links", "other jobs", "further mappings", "first version", "status", "assignments in one", "a later part",
        "other parts", "a text", "a later field",
    ],
)  # fmt: skip
def test_a_state_of_another_version_harms_no_user(
    sandbox: Sandbox, company: Company, edit: Edit, is_clean: bool, refresh: bool
) -> None:
    before, after = sandbox.settings(), sandbox.settings(**company.with_ids(SALES))
    converged(sandbox, company, before)
    sandbox.eptura.journal.clear()
    older = of_ours(sandbox.engine.state, edit)
    sandbox.engine.state = older
    refreshed = sandbox.refresh()
    assert refreshed.succeeded, refreshed.error
    sandbox.engine.state = older
    preview = sandbox.preview(before, refresh=refresh)
    assert (preview.error, preview.clean) == ("", is_clean)
    run = sandbox.up(after, refresh=refresh, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    sandbox.cycles()
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert company.wanted(after).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(after).clean
