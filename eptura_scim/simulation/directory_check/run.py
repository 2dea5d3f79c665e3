"""The check of a directory: each part is looked at once, suspected collisions are looked at again, the rest is a sum.

`summarize` and `look_again` work on one part, in any process or on any machine; `merged`, `suspects` and `conclude` put
together what they give. `check` does it all, with processes or without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from eptura_scim.simulation.directory_check.collisions import SecondLook, Suspects, collisions, found_again, suspects
from eptura_scim.simulation.directory_check.partition import Part, Unreadable
from eptura_scim.simulation.directory_check.result import Verdict, verdict
from eptura_scim.simulation.directory_check.scan import Census, Plan
from eptura_scim.simulation.directory_check.summary import Summary, merged

__all__ = ["Run", "check", "conclude", "look_again", "one_after_another", "summarize"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Run(Protocol):
    """How tasks are carried out: here, or in several processes. Results come in any order."""

    def __call__(self, function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result]:
        """The results of the function for each task."""


def one_after_another(function: Callable[[_Task], _Result], tasks: Sequence[_Task]) -> Iterator[_Result]:
    """Carry out tasks in this process."""
    return map(function, tasks)


def summarize(task: tuple[Plan, Part]) -> Summary:
    """Look at all objects of a part. Raises SourceError."""
    plan, part = task
    census = Census(plan, part.number)
    kind = part.kind
    for position, found in part.objects():
        if isinstance(found, Unreadable):
            census.unreadable(position, found.reason)
        else:
            census.look(found, position, kind)
    return census.summary()


def look_again(task: tuple[Plan, Part, Suspects]) -> SecondLook:
    """Look again at the suspects of a part. Raises SourceError."""
    plan, part, suspected = task
    return found_again(plan, suspected, part.again(suspected.keys()))


def conclude(plan: Plan, summary: Summary, looks: Iterable[SecondLook]) -> Verdict:
    """The verdict on the whole directory."""
    whole = SecondLook()
    for look in looks:
        whole.merge(look)
    return verdict(summary, collisions(whole, plan), plan)


def check(
    plan: Plan,
    parts: Sequence[Part],
    run: Run = one_after_another,
    progress: Callable[[int], None] = lambda _size: None,
) -> Verdict:
    """Check a directory; `progress` hears the size of each part that was looked at. Raises SourceError."""
    whole = merged(_sized(run(_summarize_sized, [(plan, part) for part in parts]), progress), plan.examples)
    suspected = suspects(whole, plan)
    again = [(plan, part, suspected[part.number]) for part in parts if part.number in suspected]
    return conclude(plan, whole, run(look_again, again))


def _summarize_sized(task: tuple[Plan, Part]) -> tuple[int, Summary]:
    return task[1].size, summarize(task)


def _sized(results: Iterable[tuple[int, Summary]], progress: Callable[[int], None]) -> Iterator[Summary]:
    for size, summary in results:
        yield summary
        progress(size)
