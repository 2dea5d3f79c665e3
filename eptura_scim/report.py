"""What `--json` prints: models whose names on the wire stay as they are."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["Report"]


class Report(BaseModel):
    """Printed in camelCase. Fields are added, never renamed or taken away."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True, extra="forbid"
    )
