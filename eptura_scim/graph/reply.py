"""The base of what is read from Microsoft Graph."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from eptura_scim.graph.errors import ReplyError

__all__ = ["Reply"]


class Reply(BaseModel):
    """A part of an answer of Graph's. What has no field here is ignored."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True)

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Read an answer. Raises ReplyError for one that is not as documented."""
        try:
            return cls.model_validate(answer)
        except ValidationError as error:
            raise ReplyError(f"Graph's {cls.__name__} is not as documented: {error.errors()[0]['msg']}") from error
