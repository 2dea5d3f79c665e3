"""What the guide says of each setting, in the shape of the program's resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic.alias_generators import to_camel

from eptura_scim import documented
from eptura_scim.plugin_sdk.validation import dump

__all__ = ["guide_value"]


def guide_value(resource: str, path: Sequence[str]) -> object:
    """The value that the guide gives a setting; None where it gives none."""
    found: object = _values().get(resource, {})
    for segment in path:
        found = found.get(segment) if isinstance(found, Mapping) else None
    return found


@cache
def _values() -> dict[str, dict[str, Any]]:
    return {
        "ApplicationFromTemplate": {"displayName": documented.APPLICATION_NAME},
        "EnterpriseApplicationName": {"displayName": documented.APPLICATION_NAME},
        "ServicePrincipal": {to_camel(name): value for name, value in documented.PROPERTIES.items()},
        "SynchronizationSecrets": {"scope": "all"},
        "SynchronizationSchema": dump(documented.mappings()),
        "SynchronizationJobState": {"provisioningStatus": "On"},
    }
