"""Attribute mappings: model, Graph's JSON both ways, and the expression language. Nothing here does I/O."""

from eptura_scim.mapping.expression import ExpressionError, meaning, parse
from eptura_scim.mapping.model import AttributeMapping, Mappings
from eptura_scim.mapping.schema import SchemaError, apply, missing_sources, observe, same_source

__all__ = [
    "AttributeMapping",
    "ExpressionError",
    "Mappings",
    "SchemaError",
    "apply",
    "meaning",
    "missing_sources",
    "observe",
    "parse",
    "same_source",
]
