"""Runs of the engine: what they cost in time, and in calls to Graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from benchmarks.calls import plugin_of, traffic
from benchmarks.figures import Bound, Figure, at_most, exactly, ratios, take_turns
from benchmarks.processes import NotMeasuredError, program_imports
from benchmarks.stacks import Stacks
from eptura_scim.local_entra import LoggedCall

__all__ = ["measure_calls", "measure_previews"]

FIRST_UP, PREVIEW, UP = "first up", "no-change preview", "no-change up"


def measure_calls(stacks: Stacks) -> tuple[list[Figure], Mapping[str, list[LoggedCall]]]:
    """Calls of a first up, a preview without changes and an up without changes. Leaves the stack up."""
    stacks.entra.calls.clear()
    created = stacks.ours.up().changed
    if set(created) != {"create"}:
        raise NotMeasuredError(f"a first up did not only create, but: {dict(created)}")
    calls = {FIRST_UP: list(stacks.entra.calls)}
    for name, operation in ((PREVIEW, stacks.ours.preview), (UP, stacks.ours.up)):
        _, calls[name] = stacks.unchanged(operation)
    return [*_promised_of_first_up(calls[FIRST_UP]), *_promised_without_changes(calls)], calls


def _promised_of_first_up(calls: Sequence[LoggedCall]) -> list[Figure]:
    wanted = ["POST validateCredentials", "PUT secrets", "PUT schema", "POST start"]
    acts = [act for call in calls if (act := f"{call.method} {call.action}") in wanted]
    figures = [_count(f"{FIRST_UP}: {act}", acts.count(act), exactly(1)) for act in wanted[1:]]
    # Each step counts that does not come where it has to: the connection is tested, then saved, the job starts last.
    misplaced = sum(act != other for act, other in zip_longest(acts, wanted))
    return [*figures, _count(f"{FIRST_UP}: steps out of order", misplaced, exactly(0))]


def _promised_without_changes(calls: Mapping[str, Sequence[LoggedCall]]) -> list[Figure]:
    preview = traffic(call for call in calls[PREVIEW] if plugin_of(call) == "eptura-scim")
    if not preview.reads or not preview.logins:  # else a changed user agent would look like a promise that is kept
        raise NotMeasuredError(f"{PREVIEW}: the calls of our plugin are not recognised")
    return [
        _count(f"{PREVIEW}: our reads", preview.reads, at_most(6)),
        _count(f"{PREVIEW}: our logins", preview.logins, at_most(1)),
        _count(f"{PREVIEW}: all writes", traffic(calls[PREVIEW]).writes, exactly(0)),
        _count(f"{UP}: all writes", traffic(calls[UP]).writes, exactly(0)),
    ]


def _count(name: str, count: int, bound: Bound) -> Figure:
    return Figure(name, "calls", (count,), bound)


def measure_previews(stacks: Stacks, runs: int) -> list[Figure]:
    """A preview without changes against that of an empty program, both in this process, and what a fresh one adds."""
    ours, empty = take_turns(
        runs,
        lambda: stacks.unchanged(stacks.ours.preview)[0],
        lambda: stacks.unchanged(stacks.empty.preview)[0],
    )
    imports, bare = take_turns(
        runs, lambda: program_imports("eptura_scim.component"), lambda: program_imports("pulumi")
    )
    return [
        Figure("one application, no changes", "s", ours),
        Figure("an empty program", "s", empty),
        Figure("ratio of the two", "times", ratios(ours, empty)),
        Figure("imports in a fresh Python", "s", imports),
        Figure("ratio to pulumi's own imports", "times", ratios(imports, bare)),
    ]
