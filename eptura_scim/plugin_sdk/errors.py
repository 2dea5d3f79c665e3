"""What a provider may raise.

PluginError
├── ResourceError      an operation failed for a reason that the user can act on
│   └── PartlyCreatedError   an object was made, and what comes after failed
├── InterruptedRequestError   the engine was told to stop
└── InvalidIdError     an id does not have the shape that the resource's ids have
"""

from __future__ import annotations

from typing import Any

from eptura_scim.errors import ReadableError

__all__ = ["InterruptedRequestError", "InvalidIdError", "PartlyCreatedError", "PluginError", "ResourceError"]


class PluginError(ReadableError):
    """An expected failure of a provider."""


class ResourceError(PluginError):
    """An operation on a resource failed; the text names the object, what is wrong and what to do."""


class PartlyCreatedError(ResourceError):
    """An object was made and what comes after failed: it goes into the state, and the next run continues with it."""

    def __init__(self, message: str, resource_id: str, outputs: dict[str, Any]) -> None:
        super().__init__(message)
        self.id = resource_id
        self.outputs = outputs


class InterruptedRequestError(PluginError):
    """The engine was told to stop (Ctrl-C) while this request ran, or before it came."""

    def __init__(self) -> None:
        super().__init__("interrupted: run the same command again to continue")


class InvalidIdError(PluginError):
    """An id, usually one given to `pulumi import`, cannot be read; the text shows the shape that is wanted."""
