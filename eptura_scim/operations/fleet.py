"""Many stacks at a glance: drift, provisioning, versions of each; one stack's failure hides no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from eptura_scim import __version__
from eptura_scim.engine import Engine, ProjectStack
from eptura_scim.errors import ReadableError
from eptura_scim.jobs.locate import JobSelector, open_job
from eptura_scim.jobs.status import Health, StatusReport, status_report
from eptura_scim.operations.drift import DRIFT, DriftReport
from eptura_scim.operations.review import review
from eptura_scim.report import Report

__all__ = ["FleetReport", "StackReport", "review_fleet", "worst"]

T = TypeVar("T")

_FAILED = 1
_ORDER = (_FAILED, 3, 4, 7, DRIFT, 5, 6)
"""Exit codes, worst first: failed, quarantine, errors, overdue, drift, stopped, never started."""

_AS_DECLARED: tuple[Health, ...] = ("stopped", "neverRan")
"""Not a finding where the stack declares it: without drift, `provisioning` is off."""


class StackReport(Report):
    """One stack."""

    stack: str
    exit_code: int
    drift: DriftReport | None
    """Null where the preview failed."""
    drift_problem: str
    status: StatusReport | None
    """Null where the job cannot be read, or is not there yet."""
    status_problem: str
    versions: dict[str, str]
    """Of the plugins that the stack's state names, by provider."""


class FleetReport(Report):
    """All of them, in the order that was asked for."""

    project: str
    observed_at: datetime
    exit_code: int
    eptura_scim: str
    """The version of this program."""
    pulumi: str
    """The version of the Pulumi CLI."""
    stacks: tuple[StackReport, ...]


async def review_fleet(
    stacks: Sequence[ProjectStack],
    engine: Engine,
    environment: Mapping[str, str],
    now: datetime,
    *,
    at_once: int,
    on_review: Callable[[str], None] = lambda _: None,
) -> FleetReport:
    """Review every stack, at most `at_once` of them at a time; `on_review` is told the name of each that is done."""
    bound = asyncio.Semaphore(at_once)
    # Each stack waits for the CLI in a thread; the usual number of threads would be a second, lower bound.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once))

    async def bounded(stack: ProjectStack) -> StackReport:
        async with bound:
            reviewed = await _review(stack, environment, now)
        on_review(stack.name)
        return reviewed

    found = tuple(await asyncio.gather(*map(bounded, stacks)))
    return FleetReport(
        project=stacks[0].project_name if stacks else "",
        observed_at=now,
        exit_code=worst([one.exit_code for one in found]),
        eptura_scim=__version__,
        pulumi=str(engine.version),
        stacks=found,
    )


def worst(codes: Sequence[int]) -> int:
    """The exit code that counts; 0 where all are 0. A code that is not known counts as a failure."""
    found = {code if code in _ORDER else _FAILED for code in codes if code}
    return next((code for code in _ORDER if code in found), 0)


async def _review(stack: ProjectStack, environment: Mapping[str, str], now: datetime) -> StackReport:
    drift, drift_problem = await _tried(lambda: review(stack, environment, now))
    status, status_problem = await _tried(lambda: asyncio.to_thread(_status, stack, environment, now))
    versions, _ = await _tried(lambda: asyncio.to_thread(_versions, stack))
    return StackReport(
        stack=stack.name,
        exit_code=worst(_codes(drift, status)),
        drift=drift,
        drift_problem=drift_problem,
        status=status,
        status_problem=status_problem,
        versions=versions or {},
    )


def _codes(drift: DriftReport | None, status: StatusReport | None) -> list[int]:
    if drift is None:
        return [_FAILED]
    if status is None:  # a stack that was never up has drift, and no job
        return [drift.exit_code or _FAILED]
    declared = status.health in _AS_DECLARED and not drift.drift
    return [drift.exit_code, 0 if declared else status.exit_code]


async def _tried(ask: Callable[[], Awaitable[T]]) -> tuple[T | None, str]:
    try:
        return await ask(), ""
    except ReadableError as error:
        return None, str(error)


def _status(stack: ProjectStack, environment: Mapping[str, str], now: datetime) -> StatusReport:
    """In a thread of its own: finding the job waits for the CLI."""

    async def read() -> StatusReport:
        async with open_job(JobSelector(stack=stack.name, project=stack.folder), environment) as session:
            job = session.listed or await session.api.job(session.ref)
            return status_report(session.ref, job, now, portal_url=session.portal_url, token=session.token_expiry)

    return asyncio.run(read())


def _versions(stack: ProjectStack) -> dict[str, str]:
    """`urn:…::pulumi:providers:azuread::default_6_11_1` names the provider."""
    found: dict[str, str] = {}
    for resource in stack.resources():
        _, named, rest = resource.urn.partition("::pulumi:providers:")
        if named and resource.version:
            found[rest.partition("::")[0]] = resource.version
    return found
