"""What each kind of change of a running stack costs: in calls to Graph, and in time beside an `up` without changes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.calls import plugin_of, traffic
from benchmarks.figures import Bound, Figure, exactly, ratios
from benchmarks.processes import NotMeasuredError
from benchmarks.stacks import Stacks
from eptura_scim.local_entra import LoggedCall

__all__ = ["Change", "measure"]

_NOTHING = "no change"


@dataclass(frozen=True)
class Change:
    """Settings that change together, between two values each."""

    name: str
    values: Mapping[str, tuple[str, str]]
    """Of each setting: in even rounds, in odd ones. Each differs from what the change before left."""
    writes: Bound
    """Our plugin's writes, promised."""


def measure(stacks: Stacks, runs: int) -> tuple[list[Figure], Mapping[str, list[LoggedCall]]]:
    """Seconds and writes of each kind of change, and the calls of the last round. The stack has to be up.

    A round makes all changes, one `up` each. The first is not counted.
    """
    changes = _changes(stacks)
    asyncio.run(stacks.entra.provisioning.run_all())  # a job that never ran is started, not restarted
    seconds: dict[str, list[float]] = {change.name: [] for change in changes}
    writes: dict[str, list[float]] = {change.name: [] for change in changes}
    calls: dict[str, list[LoggedCall]] = {}
    for number in range(runs + 1):
        for change in changes:
            taken, calls[change.name] = _carried_out(stacks, change, number % 2)
            if number:
                seconds[change.name].append(taken)
                ours = [call for call in calls[change.name] if plugin_of(call) == "eptura-scim"]
                writes[change.name].append(traffic(ours).writes)
    figures = [
        figure
        for change in changes
        for figure in (
            Figure(f"{change.name}: our writes", "calls", tuple(writes[change.name]), change.writes),
            Figure(f"{change.name}", "s", tuple(seconds[change.name])),
            Figure(f"{change.name} / {_NOTHING}", "times", ratios(seconds[change.name], seconds[_NOTHING])),
        )
    ]
    return figures, calls


def _changes(stacks: Stacks) -> list[Change]:
    people, tokens = stacks.entra.people, ("first-token-of-the-benchmark", "second-token-of-the-benchmark")
    stacks.entra.scim.accept_tokens([stacks.entra.scim.token, *tokens])
    users = [
        str(people.add_user(userPrincipalName=f"{name}@example.com", displayName=name)["id"]) for name in ("a", "b")
    ]
    return [
        Change(_NOTHING, {}, exactly(0)),
        Change("token", {"secretToken": tokens}, exactly(1)),  # PUT secrets
        Change("mapping", {"phoneWork": ("rfc3966", "direct")}, exactly(1)),  # PUT schema
        Change("assigned users", {"assignedUsers": (users[0], users[0])}, exactly(0)),
        Change("scope", {"scope": ("assigned", "assigned")}, exactly(4)),  # pause, PUT secrets, restart, start
        Change(
            "several at once",
            {
                "phoneMobile": ("direct", "off"),
                "scope": ("all", "all"),
                "assignedUsers": (users[1], users[1]),
                "notificationEmail": ("a@example.com", "b@example.com"),
            },
            exactly(5),  # pause, PUT secrets, PUT schema, restart, start
        ),
        Change("provisioning off", {"provisioning": ("off", "off")}, exactly(1)),  # pause
        Change("provisioning on", {"provisioning": ("on", "on")}, exactly(2)),  # restart, start
    ]


def _carried_out(stacks: Stacks, change: Change, number: int) -> tuple[float, list[LoggedCall]]:
    for setting, values in change.values.items():
        to = stacks.ours.set_secret if setting == "secretToken" else stacks.ours.set_config
        to(setting, values[number])
    stacks.entra.calls.clear()
    outcome = stacks.ours.up()
    if bool(outcome.changed) != bool(change.values):
        raise NotMeasuredError(f"{change.name}: the run changed {dict(outcome.changed)}")
    return outcome.seconds, list(stacks.entra.calls)
