"""A program of one's own ignores changes of one of our properties: what else changes still arrives at Eptura."""

from __future__ import annotations

import pulumi
import pytest

from acceptance.company import Company
from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.settings import Settings
from tests.outcomes.program import NAME, Program
from tests.outcomes.sandbox import Sandbox

OF_JOB, OF_STATE = "SynchronizationJob", "SynchronizationJobState"


def ignoring(settings: Settings, kind: str, name: str) -> Program:
    """A program whose resource of a kind ignores changes of a property."""

    def transform(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not given.type_.endswith(f":{kind}"):
            return None
        ignored = pulumi.ResourceOptions.merge(given.opts, pulumi.ResourceOptions(ignore_changes=[name]))
        return pulumi.ResourceTransformationResult(given.props, ignored)

    options = pulumi.ResourceOptions(transformations=[transform])
    return lambda: EpturaScimProvisioning(NAME, settings, options)


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"scope": "assigned", "assignedGroups": "Sales"}),
        ({"scope": "assigned", "assignedGroups": "Sales"}, {"assignedGroups": "Sales"}),
        (
            {"scope": "assigned", "assignedGroups": "Sales"},
            {"scope": "assigned", "assignedGroups": "Everyone", "userFilter": 'department EQUALS "sales"'},
        ),
    ],
    ids=["narrower", "wider", "assignments and filter"],
)
def test_a_job_with_ignored_status_is_restarted_after_its_pause(
    sandbox: Sandbox, company: Company, before: dict[str, str], after: dict[str, str], refresh: bool
) -> None:
    old, new = sandbox.settings(**company.with_ids(before)), sandbox.settings(**company.with_ids(after))
    assert sandbox.up(ignoring(old, OF_STATE, "provisioningStatus")).succeeded
    sandbox.cycles()
    run = sandbox.up(ignoring(new, OF_STATE, "provisioningStatus"), refresh=refresh)
    assert run.succeeded, run.error
    assert sandbox.portal.job()["schedule"]["state"] == "Active"
    sandbox.cycles()
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(ignoring(new, OF_STATE, "provisioningStatus")).clean


def test_a_job_whose_configuration_is_ignored_is_restarted_once(sandbox: Sandbox, company: Company) -> None:
    new = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    assert sandbox.up(ignoring(sandbox.settings(), OF_JOB, "configuration")).succeeded
    sandbox.cycles()
    assert sandbox.up(ignoring(new, OF_JOB, "configuration")).succeeded
    sandbox.cycles()
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(ignoring(new, OF_JOB, "configuration")).clean


def test_an_ignored_configuration_of_the_state_restarts_once(sandbox: Sandbox, company: Company) -> None:
    new = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"), phoneWork="rfc3966")
    assert sandbox.up(ignoring(sandbox.settings(), OF_STATE, "configuration")).succeeded
    sandbox.cycles()
    assert sandbox.up(ignoring(new, OF_STATE, "configuration")).succeeded
    sandbox.cycles()
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(ignoring(new, OF_STATE, "configuration")).clean
    assert sandbox.up(ignoring(new, OF_STATE, "configuration")).clean
    assert sandbox.writes == []


def test_a_job_paused_by_hand_with_ignored_status_stays_paused(sandbox: Sandbox, company: Company) -> None:
    new = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    assert sandbox.up(ignoring(sandbox.settings(), OF_STATE, "provisioningStatus")).succeeded
    sandbox.cycles()
    before = sandbox.eptura.snapshot()
    sandbox.portal.stop()
    run = sandbox.up(ignoring(new, OF_STATE, "provisioningStatus"))
    assert any("provisioning stays off, because the program ignores changes" in warning for warning in run.warnings)
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before

    sandbox.portal.restart()
    sandbox.portal.start()
    sandbox.cycles()
    assert company.wanted(new).problems(sandbox.eptura.snapshot()) == []


def test_switching_off_gives_no_warning_of_ignored_changes(sandbox: Sandbox, company: Company) -> None:
    assert sandbox.up().succeeded
    sandbox.cycles()
    off = sandbox.settings(provisioning="off", scope="assigned", assignedGroups=company.id("Sales"))
    for _ in range(2):
        assert not any("ignores changes" in warning for warning in sandbox.up(off).warnings)
