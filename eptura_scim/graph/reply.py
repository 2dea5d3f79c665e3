"""The base of what is read from Microsoft Graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from eptura_scim.errors import value_problem
from eptura_scim.graph.errors import ReplyError

__all__ = ["Reply", "place_of"]


class Reply(BaseModel):
    """A part of an answer of Graph's. What has no field here is ignored; null counts as missing.

    Source: Microsoft Graph v1.0, $metadata: nearly every property is nullable.
    """

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, answer: Any) -> Any:
        if not isinstance(answer, dict):
            return answer
        return {name: value for name, value in answer.items() if value is not None}

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Read an answer. Raises ReplyError, which names the first place that is not as documented."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = place_of(first["loc"]) or "the whole"
            raise ReplyError(f"Graph's {cls.__name__} is not as documented: {place}: {value_problem(first)}") from error

    @classmethod
    def readable(cls, answer: Any) -> tuple[Self, tuple[str, ...]]:
        """What of an answer can be read, and the places of what cannot, which are taken out of it.

        Every field has to have a default.
        """
        places = list[str]()
        while True:
            try:
                return cls.model_validate(answer), tuple(places)
            except ValidationError as error:
                found = [problem["loc"] for problem in error.errors(include_input=False, include_url=False)]
            if () in found:
                return cls(), ("the whole answer",)
            places += map(place_of, found)
            for loc in reversed(found):  # the last element of a list first: the others keep their numbers
                _drop(answer, loc)


def place_of(loc: Sequence[int | str]) -> str:
    """A place in a JSON document: `value[0].statusInfo`; empty for the document itself."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def _drop(document: Any, loc: Sequence[int | str]) -> None:
    for part in loc[:-1]:
        document = document[part]
    document.pop(loc[-1])
