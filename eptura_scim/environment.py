"""What processes that need no credentials see of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

__all__ = ["without_credentials"]

_CREDENTIALS = ("ARM_", "AZURE_", "PULUMI_", "ACTIONS_ID_TOKEN_", "ACTIONS_RUNTIME_", "SYSTEM_ACCESSTOKEN")
"""Where logins of Entra, Azure, Pulumi and of pipelines stand; with them goes what only chooses among those."""


def without_credentials(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment without the variables that log in to something."""
    return {name: value for name, value in environment.items() if not name.startswith(_CREDENTIALS)}
