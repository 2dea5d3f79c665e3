"""A run that leaves out a part of a change, by `--target` say, does not start the job, and its preview says so."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.graph.synchronization import Job
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.provider.configuration import Configuration
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import REEVALUATE, PausedChanges
from tests.unit.job_samples import REF, job
from tests.unit.one_job import OneJob

FIRST = Configuration(secrets="a", mappings="a", assignments="a")
MAPPINGS = FIRST.model_copy(update={"mappings": "b"})
BOTH = MAPPINGS.model_copy(update={"secrets": "b"})
ASSIGNMENTS = FIRST.model_copy(update={"assignments": "b"})
RUNS, PAUSED = job(), job(schedule="Paused")
SCHEMA, SECRETS = "SynchronizationSchema", "SynchronizationSecrets"

CASES = [
    (PAUSED, False, set(), BOTH, f"{SCHEMA} and {SECRETS}"),
    (PAUSED, False, {"secrets"}, BOTH, SCHEMA),
    (PAUSED, False, {"mappings"}, BOTH, SECRETS),
    (PAUSED, False, {"secrets", "mappings"}, BOTH, ""),
    (PAUSED, False, set(), MAPPINGS, SCHEMA),
    (PAUSED, False, {"mappings"}, ASSIGNMENTS, SECRETS),
    (PAUSED, False, {"secrets"}, ASSIGNMENTS, ""),
    (PAUSED, False, set(), FIRST, ""),
    (RUNS, True, set(), MAPPINGS, SCHEMA),
    (RUNS, True, {"mappings"}, MAPPINGS, ""),
    (RUNS, False, set(), MAPPINGS, ""),
    (RUNS, False, {"mappings"}, BOTH, SECRETS),
]


def state_of(api: OneJob, written: set[str], *, is_paused_by_this_run: bool) -> SynchronizationJobState:
    changes = PausedChanges()
    for group in written:
        changes.of(REF.service_principal).parts.add(group)
    if is_paused_by_this_run:
        changes.of(REF.service_principal).plan(REEVALUATE)
    return SynchronizationJobState(api, changes=changes)


def inputs(status: str, configuration: Configuration) -> dict[str, Any]:
    return {
        "servicePrincipalId": REF.service_principal,
        "jobId": REF.job,
        "provisioningStatus": status,
        "configuration": configuration.model_dump(by_alias=True),
    }


@pytest.mark.parametrize(("live", "paused", "written", "declared", "missing"), CASES)
async def test_a_job_is_not_started_without_a_part_of_the_change(
    live: Job, paused: bool, written: set[str], declared: Configuration, missing: str
) -> None:
    api = OneJob(live)
    state = state_of(api, written, is_paused_by_this_run=paused)
    wanted, old = JobStateInputs.model_validate(inputs("On", declared)), inputs("On", FIRST)
    if missing:
        act = "restarted" if live.scheduled else "started"
        with pytest.raises(ResourceError, match=rf"was not {act}: this run leaves out {missing} \(--target"):
            await state.update("", "", old, wanted)
        assert (api.done, api.is_on) == ([], live.scheduled)
    else:
        await state.update("", "", old, wanted)
        assert api.is_on


@pytest.mark.parametrize(("live", "paused", "written", "declared", "missing"), CASES)
async def test_a_preview_names_the_part_that_a_run_leaves_out(
    live: Job, paused: bool, written: set[str], declared: Configuration, missing: str
) -> None:
    state = state_of(OneJob(live), written, is_paused_by_this_run=paused)
    old = inputs("On" if live.scheduled else "Off", FIRST)
    told = await state.change_warnings(old, inputs("On", declared), [("provisioningStatus",)])
    named = [text.partition("leaves out ")[2].partition(" (--target")[0] for text in told if "leaves out" in text]
    assert named == ([missing] if missing else [])
    told = await state.change_warnings(old, inputs("Off", declared), [("provisioningStatus",)])
    assert [text for text in told if "leaves out" in text] == []
