"""What commands tell: the base of what `--json` prints, and lines beside it on standard error."""

from __future__ import annotations

import sys

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["Report", "tell"]


class Report(BaseModel):
    """Printed in camelCase. Fields are added, never renamed or taken away."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True, extra="forbid"
    )


def tell(line: str) -> None:
    """Print a line for a person; on standard error, so that a program can read the result."""
    print(line, file=sys.stderr)
