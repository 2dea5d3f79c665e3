"""What can be wrong with mappings; the tree is in eptura_scim.errors."""

from __future__ import annotations

from eptura_scim.errors import PlacedError, ReadableError

__all__ = ["FilterError", "SchemaError", "UnknownFilterError"]


class SchemaError(ReadableError):
    """The schema lacks what the mappings need, or is malformed; the text says what and where."""


class FilterError(PlacedError):
    """A scoping filter cannot be read, or cannot be used."""


class UnknownFilterError(FilterError):
    """A scoping filter has an operator or a pattern that is not known here; Entra may know it."""
