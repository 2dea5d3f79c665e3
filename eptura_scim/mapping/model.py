"""Attribute mappings as a user thinks of them: for each target attribute, what flows into it and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from eptura_scim.expressions.parser import parse_lenient
from eptura_scim.mapping.scoping import parse_filter

__all__ = ["Apply", "AttributeMapping", "ExpressionText", "FilterText", "FlowBehavior", "Mappings", "ObjectActions"]


def _canonical(text: str) -> str:
    return str(parse_lenient(text))


ExpressionText = Annotated[str, AfterValidator(_canonical)]
"""An expression, printed the way Graph prints it; a text that cannot be read is refused with its position."""


def _usable(text: str) -> str:
    found = parse_filter(text)
    if any("REGEX" in clause.operator for clauses in found.groups for clause in clauses):
        from eptura_scim.mapping.scope import compile_filter  # loaded where a pattern has to be read

        compile_filter(found)
    return str(found)


FilterText = Annotated[str, AfterValidator(_usable)]
"""A scoping filter, printed one way; one that cannot be read, or has a pattern that cannot, is refused."""

Apply = Literal["Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"]
"""The portal's "Apply this mapping", in Graph's words (attributeFlowType)."""

FlowBehavior = Literal["FlowWhenChanged", "FlowAlways"]
"""Graph's attributeFlowBehavior. It is not in the portal, and not what the portal calls "Apply: Always"."""


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )


class AttributeMapping(_Model):
    """What flows into one target attribute (Graph's attributeMapping)."""

    source: ExpressionText | None = Field(
        default=None,
        description='An attribute `[objectId]`, a constant `"text"` or a function; without it only the default flows.',
    )
    default_value: Annotated[str, AfterValidator(lambda text: text or None)] | None = Field(
        default=None, description="The portal's Default value if null; applied when a user is created."
    )
    matching_precedence: int = Field(
        default=0, ge=0, description="The portal's Matching precedence; 0 does not match objects by this attribute."
    )
    apply: Apply = Field(default="Always", description="The portal's Apply this mapping, as Graph's flowType.")
    flow_behavior: FlowBehavior = Field(default="FlowWhenChanged", description="Graph's flowBehavior.")


class ObjectActions(_Model):
    """The portal's Target Object Actions (Graph's flowTypes)."""

    create: bool = Field(default=True, description="Whether objects that the target lacks are created there.")
    update: bool = Field(default=True, description="Whether changed objects are updated at the target.")
    delete: bool = Field(default=True, description="Whether objects that left are disabled or deleted at the target.")


class Mappings(_Model):
    """The attribute mappings of users and groups, keyed by target attribute: these and no others."""

    users: dict[str, AttributeMapping] = Field(description="The mappings of users, keyed by target attribute.")
    groups: dict[str, AttributeMapping] = Field(description="The mappings of groups, keyed by target attribute.")
    provision_users: bool = Field(default=True, description="Whether users are provisioned.")
    provision_groups: bool = Field(default=True, description="Whether groups are provisioned.")
    user_filter: FilterText | None = Field(
        default=None,
        description='The scoping filter of users, `department EQUALS "sales"`; left out, all are in scope.',
    )
    group_filter: FilterText | None = Field(
        default=None, description="The scoping filter of groups; left out, all are in scope."
    )
    user_actions: ObjectActions = Field(
        default_factory=ObjectActions, description="The Target Object Actions of users."
    )
    group_actions: ObjectActions = Field(
        default_factory=ObjectActions, description="The Target Object Actions of groups."
    )
