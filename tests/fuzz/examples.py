"""How much is tried: a fixed, bounded part in `make test`, other and more examples in `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

__all__ = ["examples"]

_TIMES = int(os.environ.get("EPTURA_SCIM_FUZZ", "1"))


def examples(count: int) -> settings:
    """`count` examples, the same in each run; EPTURA_SCIM_FUZZ=50 tries fifty times as many, each time others."""
    return settings(
        max_examples=count * _TIMES,
        derandomize=_TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
