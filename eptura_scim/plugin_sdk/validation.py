"""Checking of inputs: every wrong one is reported at once, unknown ones are left for later."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError, create_model

from eptura_scim.input_rules import reason
from eptura_scim.plugin_sdk.difference import render
from eptura_scim.plugin_sdk.resource import Inputs
from eptura_scim.plugin_sdk.values import contains_unknown

__all__ = ["Checked", "InputFailure", "check", "dump"]


class InputFailure(NamedTuple):
    """One wrong input: its path and what is wrong."""

    path: str
    reason: str


class Checked(NamedTuple):
    """Inputs in their canonical form, or what is wrong with them."""

    inputs: dict[str, Any]
    failures: list[InputFailure]


def dump(inputs: BaseModel) -> dict[str, Any]:
    """A model in wire names; what is None is left out."""
    return inputs.model_dump(mode="json", by_alias=True, exclude_none=True)


def check(model: type[Inputs], values: dict[str, Any]) -> Checked:
    """Validate plain inputs and write out defaults. Fields that hold an unknown are passed on as they are."""
    unknown = {name: value for name, value in values.items() if contains_unknown(value)}
    known = {name: value for name, value in values.items() if name not in unknown and value is not None}
    try:
        # By wire names alone: these are the names that `preprocess_inputs` and error texts use.
        checked = _without(model, frozenset(unknown)).model_validate(known, by_name=False)
    except ValidationError as error:
        return Checked(values, [_failure(detail) for detail in error.errors(include_input=False, include_url=False)])
    return Checked({**dump(checked), **unknown}, [])


@cache
def _without(model: type[Inputs], unknown: frozenset[str]) -> type[BaseModel]:
    if not unknown:
        return model
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in model.model_fields.items() if field.alias not in unknown
    }
    return create_model(model.__name__, __config__=model.model_config, **fields)


def _failure(detail: Any) -> InputFailure:
    reasons = {"missing": "is required", "extra_forbidden": "is not a property of this resource"}
    # Without the value: the engine shows it, unless it is a secret.
    wrong = reasons.get(detail["type"]) or reason(detail, shows_value=False)
    return InputFailure(render(detail["loc"]), wrong)
