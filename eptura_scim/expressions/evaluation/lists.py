"""Functions over multi-valued attributes, texts that become or were lists, and app role assignments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eptura_scim.errors import shown
from eptura_scim.expressions.evaluation import letter_case as letters
from eptura_scim.expressions.evaluation.builders import (
    Attributes,
    Builder,
    CompiledCall,
    EvaluationContext,
    Evaluator,
    given,
    integer,
    items,
    plain,
    text,
)
from eptura_scim.expressions.evaluation.values import (
    MAX_TEXT,
    UnknownHereProblem,
    Value,
    ValueProblem,
    as_items,
    as_text,
)
from eptura_scim.quantities import counted

__all__ = ["LIST_FUNCTIONS"]

_ROLE_TYPE = "WindowsAzureActiveDirectoryRole"


def _item(values: list[Any], index: int) -> Value:
    if not 1 <= index <= len(values):
        held = counted(len(values), "value")
        raise ValueProblem(f"index {index} is outside of the {held}; the first one has index 1")
    found: Value = values[index - 1]
    return found


def _join(call: CompiledCall) -> Evaluator:
    separator, sources, site = text("separator")(call), call.repeated, call.site

    def evaluate(attributes: Attributes, context: EvaluationContext) -> str | None:
        try:
            between = separator(attributes, context)
            if between is None:
                return None
            parts: list[str] = []
            for source in sources:
                value = source(attributes, context)
                if value.__class__ is str:
                    parts.append(value)
                elif value is not None:
                    parts += map(as_text, as_items(value))
            parts = [part for part in parts if part]
            return _joined(between, parts)
        except ValueProblem as problem:
            raise site.error(problem) from None

    return evaluate


def _joined(separator: str, parts: list[str]) -> str:
    if sum(map(len, parts)) + len(separator) * len(parts) > MAX_TEXT:
        raise ValueProblem(f"the result is longer than {MAX_TEXT} characters")
    return separator.join(parts)


def _split(call: CompiledCall) -> Evaluator:
    trims = call.semantics.split_blanks == "trimmed"
    each = call.semantics.split_delimiter == "each character"

    def split(source: str, delimiter: str) -> list[str]:
        if not delimiter:
            return [source]
        if each:
            source, delimiter = source.translate({ord(one): delimiter[0] for one in delimiter}), delimiter[0]
        parts = source.split(delimiter)
        return [part.strip() for part in parts] if trims else parts

    return plain(split, text("source"), text("delimiter"))(call)


def _remove_duplicates(call: CompiledCall) -> Evaluator:
    folds = call.semantics.duplicates == "any case"

    def remove_duplicates(values: list[Any]) -> list[Any] | None:
        kept: dict[str, Any] = {}
        for value in values:
            name = as_text(value)
            kept.setdefault(letters.lower(name) if folds else name, value)
        return list(kept.values()) or None

    return plain(remove_duplicates, items("attribute"))(call)


def _trim(value: Value) -> Value:
    return [as_text(item).strip() for item in value] if isinstance(value, list) else as_text(value).strip()


def _contains(value: Value, searched: str) -> int:
    for index, item in enumerate(as_items(value), 1):
        if as_text(item) == searched:
            return index
    return 0


def _roles(values: list[Any]) -> list[Mapping[str, Any]]:
    for value in values:
        if not isinstance(value, Mapping):
            raise ValueProblem(f"app role assignments are needed, with value and displayName, not {shown(value)}")
    return values


def _role_text(role: Mapping[str, Any], key: str) -> str:
    found = role.get(key)
    return found if isinstance(found, str) else ""


def _single_role(values: list[Any]) -> str | None:
    roles = _roles(values)
    if not roles:
        return None
    return _role_text(roles[0], "value") or _role_text(roles[0], "displayName")


def _complex_roles(name_key: str) -> Callable[[list[Any]], list[Any] | None]:
    def complex_roles(values: list[Any]) -> list[Any] | None:
        return [
            {
                "primary": False,
                "type": _ROLE_TYPE,
                name_key: _role_text(role, "displayName"),
                "value": _role_text(role, "value"),
            }
            for role in _roles(values)
        ] or None

    return complex_roles


def _undescribed(_values: list[Any]) -> Value:
    raise UnknownHereProblem("Graph lists this function, but its result is not documented")


LIST_FUNCTIONS: dict[str, Builder] = {
    "AppRoleAssignments": plain(_undescribed, items("source")),
    "AppRoleAssignmentsComplex": plain(_complex_roles("displayName"), items("source")),
    "AssertiveAppRoleAssignmentsComplex": plain(_complex_roles("display"), items("source")),
    "Contains": plain(_contains, given("attribute"), text("value")),
    "Count": plain(len, items("attribute")),
    "Item": plain(_item, items("attribute"), integer("index")),
    "Join": _join,
    "RemoveDuplicates": _remove_duplicates,
    "SingleAppRoleAssignment": plain(_single_role, items("source")),
    "Split": _split,
    "Trim": plain(_trim, given("value")),
}
"""Functions that take or give several values."""
