"""What a provider may raise.

PluginError
├── ResourceError      an operation failed for a reason that the user can act on
└── InvalidIdError     an id does not have the shape that the resource's ids have
"""

from eptura_scim.errors import ReadableError

__all__ = ["InvalidIdError", "PluginError", "ResourceError"]


class PluginError(ReadableError):
    """An expected failure of a provider."""


class ResourceError(PluginError):
    """An operation on a resource failed; the text names the object, what is wrong and what to do."""


class InvalidIdError(PluginError):
    """An id, usually one given to `pulumi import`, cannot be read; the text shows the shape that is wanted."""
