"""How long our five resources take to converge a new application, each by itself, in a real plugin process."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from benchmarks.calls import Traffic, traffic
from benchmarks.figures import Figure, ratios, take_turns
from benchmarks.processes import NotMeasuredError, running
from benchmarks.starts import EMPTY, OURS
from eptura_scim import documented
from eptura_scim.local_entra import LocalEntra

__all__ = ["measure"]

_BELOW_THE_JOB = ("SynchronizationSecrets", "SynchronizationSchema", "SynchronizationJobState")


def measure(runs: int) -> tuple[list[Figure], dict[str, Traffic]]:
    """Seconds to create each resource, and the calls that each made."""
    made: list[dict[str, float]] = []
    asked: dict[str, Traffic] = {}
    with LocalEntra.start() as entra:
        names = itertools.count(1)

        def converge() -> float:
            seconds, calls = _converge(entra, f"Eptura {next(names)}")
            made.append(seconds)
            asked.update(calls)
            return sum(seconds.values())

        def empty_start() -> float:
            with running(EMPTY) as plugin:
                return plugin.age

        total, empty = take_turns(runs, converge, empty_start)
    counted = made[1:]  # the first round warms up
    figures = [Figure(name, "s", tuple(seconds[name] for seconds in counted)) for name in asked]
    return [
        *figures,
        Figure("all five", "s", total),
        Figure("ratio to an empty one's start", "times", ratios(total, empty)),
    ], asked


def _converge(entra: LocalEntra, application: str) -> tuple[dict[str, float], dict[str, Traffic]]:
    """Create the five in their order, for a new application, in a new process."""
    principal = entra.portal.create_application(application)
    portal = entra.portal.of(application)
    seconds, asked = {}, {}
    with running(OURS, entra.environment) as plugin:
        for name, inputs in _inputs(entra, application).items():
            urn = f"urn:pulumi:dev::eptura::eptura-scim:index:{name}::eptura"
            job = {"jobId": portal.jobs()[0]} if name in _BELOW_THE_JOB else {}
            checked = plugin.check(urn, {"servicePrincipalId": principal, **job, **inputs})
            entra.calls.clear()
            seconds[name] = plugin.create(urn, checked)
            asked[name] = traffic(entra.calls)
    if portal.job()["schedule"]["state"] != "Active":
        raise NotMeasuredError(f"{application}: the job does not run after its state was created")
    return seconds, asked


def _inputs(entra: LocalEntra, application: str) -> Mapping[str, Mapping[str, Any]]:
    mappings = documented.mappings()
    return {
        "EnterpriseApplicationName": {"displayName": application},
        "SynchronizationJob": {"templateId": documented.SYNCHRONIZATION_TEMPLATE},
        "SynchronizationSecrets": {"tenantUrl": entra.scim.url, "secretToken": entra.scim.token},
        "SynchronizationSchema": mappings.model_dump(by_alias=True, exclude_none=True),
        "SynchronizationJobState": {"provisioningStatus": "On"},
    }
