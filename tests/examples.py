"""How much of a property is tried: a fixed, bounded part in `make test`, a fifth of it in `make quick`, other and more
examples in `make fuzz`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

__all__ = ["examples"]

_TIMES = float(os.environ.get("EPTURA_SCIM_FUZZ", "1"))
_FIXED = _TIMES <= 1


def examples(count: int) -> settings:
    """`count` examples, the same in each run; EPTURA_SCIM_FUZZ=50 tries fifty times as many, each time others.

    The same examples fail again as they are, so only others are made smaller. How long one takes says something about
    the machine, not about the code.
    """
    return settings(
        max_examples=max(1, int(count * _TIMES)),
        derandomize=_FIXED,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate] if _FIXED else list(Phase),
        suppress_health_check=list(HealthCheck),
    )
