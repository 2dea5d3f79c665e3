"""Waiting for Entra to catch up: as short as possible, never for ever."""

import pytest

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import NotFoundError, ReplyError


class Time:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Replica:
    """Answers from a list; an exception in it is raised."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    async def read(self) -> object:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def consistency(time: Time, seconds: float = 100) -> Consistency:
    return Consistency(seconds=seconds, clock=time.clock, sleep=time.sleep)


def problem(value: object) -> str:
    return "" if value == "new" else f"Entra still shows {value}"


async def test_what_is_there_is_not_waited_for() -> None:
    time = Time()
    assert await consistency(time).retry_new_object(Replica("job").read) == "job"
    assert time.pauses == []


async def test_a_late_object_is_waited_for_with_growing_pauses() -> None:
    time, missing = Time(), NotFoundError("job")
    assert (
        await consistency(time).retry_new_object(
            Replica(missing, missing, missing, missing, missing, missing, "job").read
        )
        == "job"
    )
    assert time.pauses == [1, 2, 4, 8, 15, 15]


async def test_a_stale_read_is_repeated_until_it_shows_the_write() -> None:
    time = Time()
    assert await consistency(time).wait_until(Replica("old", "old", "new").read, problem) == "new"
    assert time.pauses == [1, 2]


@pytest.mark.parametrize(
    ("answers", "found"), [((NotFoundError("x"), "there"), "there"), ((NotFoundError("x"),), None)]
)
async def test_not_found_is_confirmed_by_a_second_read(answers: tuple[object, ...], found: object) -> None:
    time = Time()
    assert await consistency(time).read_or_gone(Replica(*answers).read) == found
    assert time.pauses == [1]


async def test_an_object_that_never_appears_ends_with_what_graph_said() -> None:
    time = Time()
    with pytest.raises(NotFoundError, match="no such job"):
        await consistency(time, 60).retry_new_object(Replica(NotFoundError("no such job")).read)
    assert time.now <= 60


async def test_a_value_that_never_comes_ends_with_what_to_do() -> None:
    time = Time()
    with pytest.raises(ReplyError, match="Entra still shows old, 60 seconds after it was written; run again"):
        await consistency(time, 60).wait_until(Replica("old").read, problem)
    assert time.now <= 60
