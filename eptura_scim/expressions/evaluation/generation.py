"""Functions whose result does not come from attributes alone: identifiers, random texts, unique values; and numbers."""

from __future__ import annotations

import re
import secrets
import string
import uuid

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation.builders import (
    Attributes,
    Builder,
    CompiledCall,
    EvaluationContext,
    Evaluator,
    integer,
    optional,
    plain,
    text,
)
from eptura_scim.expressions.evaluation.values import UnknownHereProblem, Value, ValueProblem, as_text

__all__ = ["GENERATION_FUNCTIONS"]

_LONGEST = 256
# The characters of "Password must meet complexity requirements" (Windows security policy).
_SPECIAL = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
_COMPONENT = re.compile(r"(?:[^,\\]|\\.)+", re.DOTALL)


def _guid(_call: CompiledCall) -> Evaluator:
    return lambda _attributes, context: context.guid or str(uuid.uuid4())


def _default_domain(call: CompiledCall) -> Evaluator:
    def evaluate(_attributes: Attributes, context: EvaluationContext) -> Value:
        if context.default_domain is None:
            raise call.site.error(UnknownHereProblem("the tenant's default domain is not known here"))
        return context.default_domain

    return evaluate


def _select_unique_value(call: CompiledCall) -> Evaluator:
    rules = call.repeated

    def evaluate(attributes: Attributes, context: EvaluationContext) -> Value:
        for rule in rules:
            try:
                value = as_text(rule(attributes, context))
            except ValueProblem as problem:
                raise call.site.error(problem) from None
            if value and value not in context.taken:
                return value
        raise call.site.error("the target has all values already")

    return evaluate


def _random_string(length: int, numbers: int, specials: int, capitals: int, lowers: int, avoided: str | None) -> str:  # noqa: PLR0917
    if not 0 < length <= _LONGEST:
        raise ValueProblem(f"Length is 1 to {_LONGEST}, not {length}")
    minimums = {string.digits: numbers, _SPECIAL: specials, string.ascii_uppercase: capitals} | {
        string.ascii_lowercase: lowers
    }
    if sum(max(0, count) for count in minimums.values()) > length:
        raise ValueProblem(f"the minimums are more than the {length} characters of Length")
    unwanted = set(avoided or "")
    chosen: list[str] = []
    for alphabet, count in minimums.items():
        allowed = [character for character in alphabet if character not in unwanted]
        if count > 0 and not allowed:
            raise ValueProblem(f"CharactersToAvoid leaves none of {alphabet}")
        chosen += (secrets.choice(allowed) for _ in range(count))
    everything = [character for alphabet in minimums for character in alphabet if character not in unwanted]
    if not everything:
        raise ValueProblem("CharactersToAvoid leaves no character")
    chosen += (secrets.choice(everything) for _ in range(length - len(chosen)))
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def _bit_and(one: int, other: int) -> int:
    return one & other


def _dn_component(name: str, number: int) -> str | None:
    components = _COMPONENT.findall(name)
    if number < 1:
        raise ValueProblem(f"ComponentNumber is 1 or more, not {number}")
    if number > len(components):
        return None
    return str(components[number - 1]).partition("=")[2].strip() or None


def _string_from_sid(identifier: str) -> str:
    if not re.fullmatch(r"S(-[0-9]+)+", identifier):
        raise ValueProblem(f"a security identifier such as S-1-5-21-1 is needed, not {shown(identifier)}")
    return identifier


GENERATION_FUNCTIONS: dict[str, Builder] = {
    "BitAnd": plain(_bit_and, integer("value1"), integer("value2")),
    "CRef": plain(str, text("value")),
    "DefaultDomain": _default_domain,
    "DNComponent": plain(_dn_component, text("source"), integer("ComponentNumber")),
    "Guid": _guid,
    "RandomString": plain(
        _random_string,
        integer("Length"),
        integer("MinimumNumbers"),
        integer("MinimumSpecialCharacters"),
        integer("MinimumCapital"),
        integer("MinimumLowerCase"),
        optional(text, "CharactersToAvoid"),
        required=5,
    ),
    "SelectUniqueValue": _select_unique_value,
    "StringFromSid": plain(_string_from_sid, text("ObjectSID")),
}
"""Functions that generate, and those that compute with numbers and names."""
