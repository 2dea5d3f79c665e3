"""The check of a directory: each partition is read once, possible collisions a second time, the rest is a sum.

`summarize` and `confirm` work on one partition, in any process or on any machine; `merge_summaries`, `candidates` and
`conclude` put together what they give. `check` does all of it, with processes or without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from eptura_scim.simulation.directory_check.collisions import (
    Candidates,
    Confirmation,
    candidates,
    collisions,
    confirm_collisions,
)
from eptura_scim.simulation.directory_check.partition import PageEnd, Partition, Unreadable
from eptura_scim.simulation.directory_check.result import CheckResult, check_result
from eptura_scim.simulation.directory_check.scan import Scanner, ScanPlan
from eptura_scim.simulation.directory_check.summary import Summary, merge_summaries

__all__ = ["TaskRunner", "check", "conclude", "confirm", "one_after_another", "summarize"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class TaskRunner(Protocol):
    """How tasks are carried out: here, or in several processes. Results come in any order."""

    def __call__(self, function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result]:
        """The results of the function for each task."""


def one_after_another(function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result]:
    """Carry out tasks in this process."""
    return map(function, tasks)


def summarize(task: tuple[ScanPlan, Partition]) -> Summary:
    """Check all objects of a partition by themselves. Raises SourceError."""
    plan, partition = task
    scanner = Scanner(plan, partition.number)
    kind = partition.kind
    for offset, found in partition.objects():
        if isinstance(found, Unreadable):
            scanner.unreadable(offset, found.reason)
        elif isinstance(found, PageEnd):
            scanner.page(has_next=found.has_next)
        else:
            scanner.scan(found, offset, kind)
    return scanner.summary()


def confirm(task: tuple[ScanPlan, Partition, Candidates]) -> Confirmation:
    """Read the candidates of a partition again and compare their values. Raises SourceError."""
    plan, partition, candidates = task
    return confirm_collisions(plan, partition.number, candidates, partition.reread(candidates.keys()))


def conclude(plan: ScanPlan, summary: Summary, confirmations: Iterable[Confirmation]) -> CheckResult:
    """The result for the whole directory."""
    whole = Confirmation()
    for confirmation in confirmations:
        whole.merge(confirmation)
    return check_result(summary, collisions(whole, plan), plan)


def check(
    plan: ScanPlan,
    partitions: Sequence[Partition],
    run: TaskRunner = one_after_another,
    progress: Callable[[int], None] = lambda _size: None,
) -> CheckResult:
    """Check a directory; `progress` gets the size of each partition that was checked. Raises SourceError."""
    whole = merge_summaries(
        _sized(run(_summarize_sized, [(plan, partition) for partition in partitions]), progress), plan.examples
    )
    possible = candidates(whole, plan)
    tasks = [(plan, partition, possible[partition.number]) for partition in partitions if partition.number in possible]
    return conclude(plan, whole, run(confirm, tasks))


def _summarize_sized(task: tuple[ScanPlan, Partition]) -> tuple[int, Summary]:
    return task[1].size, summarize(task)


def _sized(results: Iterable[tuple[int, Summary]], progress: Callable[[int], None]) -> Iterator[Summary]:
    for size, summary in results:
        yield summary
        progress(size)
