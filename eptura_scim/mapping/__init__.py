"""Attribute mappings: model, Graph's JSON both ways, and the expression language. Nothing here does I/O."""

from eptura_scim.mapping.expression import ExpressionError, meaning, parse
from eptura_scim.mapping.model import AttributeMapping, Mappings, ObjectActions
from eptura_scim.mapping.schema import SchemaError, apply, missing_sources, observe, same_source
from eptura_scim.mapping.scoping import FilterError, FilterText, parse_filter, same_filter

__all__ = [
    "AttributeMapping",
    "ExpressionError",
    "FilterError",
    "FilterText",
    "Mappings",
    "ObjectActions",
    "SchemaError",
    "apply",
    "meaning",
    "missing_sources",
    "observe",
    "parse",
    "parse_filter",
    "same_filter",
    "same_source",
]
