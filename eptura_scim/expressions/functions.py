"""The functions of the expression language and their parameters.

Sources: Microsoft, "Reference for writing expressions for attribute mappings" (names, order and types of parameters);
Microsoft Graph, "synchronizationSchema: functions", whose sample answer lists 14 functions with Graph's own parameter
keys: Append, AppRoleAssignments, DefaultDomain, FormatDateTime, IsNothing, Join, Mid, Not, Prepend, Replace,
SingleAppRoleAssignment, Split, StripSpaces, Switch. The keys of all others are the names of the reference.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from eptura_scim.expressions.nodes import Expression
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics
from eptura_scim.quantities import counted

__all__ = [
    "CLOUD_SYNC_FUNCTIONS",
    "FUNCTIONS",
    "Function",
    "Parameter",
    "ParameterType",
    "SignatureError",
    "UnknownFunctionError",
    "signature",
]

ParameterType = Literal["String", "Integer", "Reference", "Binary", "Boolean", "DateTime"]
"""Graph's attributeType."""


class SignatureError(ValueError):
    """A call that the table does not allow; the text says why."""


class UnknownFunctionError(SignatureError):
    """A call of a function that the table does not have."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, as Graph's attributeMappingParameterSchema describes it."""

    name: str
    type: ParameterType = "String"
    required: bool = True
    repeats: bool = False
    """May be given several times, each time under the same key; it is the last parameter."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its parameters in order."""

    name: str
    parameters: tuple[Parameter, ...]
    least: int = 1
    """How often the parameter that repeats has to be given at least."""
    step: int = 1
    """How many arguments a group has: Switch takes a key and its value, 2."""

    @property
    def repeated(self) -> str | None:
        """The key of the parameter that repeats."""
        last = self.parameters[-1:]
        return last[0].name if last and last[0].repeats else None

    def bind(self, arguments: Sequence[Expression | None]) -> Iterator[tuple[str, Expression]]:
        """The arguments that are given, each with the key of its parameter; a parameter that repeats has one key.

        Raises SignatureError when there are too many, or a required one is missing.
        """
        keys = list(self.keys(len(arguments)))
        if len(arguments) > len(keys):
            raise SignatureError(
                f"{self.name} takes at most {counted(len(keys), 'argument')}; {len(arguments)} were given"
            )
        for index, (key, parameter) in enumerate(keys):
            argument = arguments[index] if index < len(arguments) else None
            if argument is not None:
                yield key, argument
            elif parameter.repeats and self.step > 1:
                raise SignatureError(f"{self.name} needs a value after each key")
            elif parameter.required:
                raise SignatureError(f"{self.name} has no argument for {key}")

    def keys(self, count: int) -> Iterator[tuple[str, Parameter]]:
        """The keys that a call with this many arguments has, in order."""
        fixed = [parameter for parameter in self.parameters if not parameter.repeats]
        yield from ((parameter.name, parameter) for parameter in fixed)
        if self.repeated is not None:
            last, times = self.parameters[-1], max(self.least, count - len(fixed))
            yield from itertools.repeat((last.name, last), times + -times % self.step)


def _function(name: str, *parameters: str, least: int = 1, step: int = 1) -> Function:
    """A row of the table: `name`, `name:Type`, `name?` optional, `name*` repeats."""
    found: list[Parameter] = []
    for text in parameters:
        label, _, kind = text.partition(":")
        flags = label.removeprefix(label.rstrip("?*"))
        found.append(
            Parameter(
                name=label.rstrip("?*"),
                type=kind or "String",  # type: ignore[arg-type]
                required="?" not in flags,
                repeats="*" in flags,
            )
        )
    return Function(name, tuple(found), least, step)


FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        _function("Append", "source", "suffix"),
        _function("AppRoleAssignments", "source"),
        _function("AppRoleAssignmentsComplex", "source"),
        _function("AssertiveAppRoleAssignmentsComplex", "source"),
        _function("BitAnd", "value1:Integer", "value2:Integer"),
        _function("CBool", "Expression"),
        _function("CDate", "expression"),
        _function("Coalesce", "source*"),
        _function("ConvertToBase64", "source"),
        _function("ConvertToUTF8Hex", "source"),
        _function("Count", "attribute"),
        _function("CStr", "value"),
        _function("DateAdd", "interval", "value:Integer", "dateTime:DateTime"),
        _function("DateDiff", "interval", "date1:DateTime", "date2:DateTime"),
        _function("DateFromNum", "value"),
        _function("DefaultDomain"),
        _function("FormatDateTime", "source", "dateTimeStyles?", "inputFormat", "outputFormat"),
        _function("Guid"),
        _function("IgnoreFlowIfNullOrEmpty", "expression"),
        _function("IIF", "condition", "valueIfTrue", "valueIfFalse"),
        _function("InStr", "value1", "value2", "start?:Integer", "compareType?"),
        _function("IsNothing", "source:Boolean"),
        _function("IsNull", "Expression"),
        _function("IsNullOrEmpty", "Expression"),
        _function("IsPresent", "Expression"),
        _function("IsString", "Expression"),
        _function("Item", "attribute", "index:Integer"),
        _function("Join", "separator", "source*"),
        _function("Left", "String", "NumChars:Integer"),
        _function("Len", "String"),
        _function("Mid", "source", "start:Integer", "length:Integer"),
        _function("NormalizeDiacritics", "source"),
        _function("Not", "source:Boolean"),
        _function("Now"),
        _function("NumFromDate", "value"),
        _function("PCase", "source", "wordSeparators?"),
        _function("Prepend", "prefix", "source"),
        _function(
            "RandomString",
            "Length:Integer",
            "MinimumNumbers:Integer",
            "MinimumSpecialCharacters:Integer",
            "MinimumCapital:Integer",
            "MinimumLowerCase:Integer",
            "CharactersToAvoid?",
        ),
        _function("Redact", "source"),
        _function("RemoveDuplicates", "attribute"),
        _function(
            "Replace",
            "source",
            "Find?",
            "RegularExpression?",
            "RegularExpressionGroupName?",
            "Replacement?",
            "ReplacementPropertyName?",
            "Template?",
        ),
        _function("SelectUniqueValue", "uniqueValueRule*", least=2),
        _function("SingleAppRoleAssignment", "source"),
        _function("Split", "source", "delimiter"),
        _function("StripSpaces", "source"),
        _function("Switch", "source", "defaultValue?", "switchValue*", least=2, step=2),
        _function("ToLower", "source", "culture?"),
        _function("ToUpper", "source", "culture?"),
        _function("Word", "String", "WordNumber:Integer", "Delimiters"),
    )
}
"""The documented functions, and those that Graph lists, by name; names are case-sensitive."""

CLOUD_SYNC_FUNCTIONS: dict[str, Function] = {
    function.name: function
    for function in (
        _function("CRef", "value"),
        _function("Contains", "attribute", "value"),
        _function("ConvertFromBase64", "source", "Encoding?"),
        _function("DNComponent", "source", "ComponentNumber:Integer"),
        _function("Error", "ErrorMessage"),
        _function("StringFromSid", "ObjectSID"),
        _function("Trim", "value"),
    )
}
"""What only the reference of Microsoft Entra Cloud Sync, a sister product, has."""

# Microsoft's own pages print FormatDateTime with three arguments as well (source, input format, output format).
_SHORT_FORMAT_DATE_TIME = _function("FormatDateTime", "source", "inputFormat", "outputFormat")


def signature(name: str, count: int, semantics: Semantics = DOCUMENTED) -> Function:
    """The function that a call with this many arguments names.

    Raises UnknownFunctionError, which names the nearest known function.
    """
    known = FUNCTIONS | CLOUD_SYNC_FUNCTIONS if semantics.cloud_sync else FUNCTIONS
    if semantics.function_names == "any case":
        name = next((other for other in known if other.lower() == name.lower()), name)
    if name not in known:
        raise UnknownFunctionError(_unknown(name, known))
    if name == "FormatDateTime" and count == 3 and semantics.short_format_date_time == "accepted":
        return _SHORT_FORMAT_DATE_TIME
    return known[name]


def _unknown(name: str, known: dict[str, Function]) -> str:
    if name in CLOUD_SYNC_FUNCTIONS:
        return f"function {name} exists in cloud sync only, not in app provisioning"
    by_lower = {other.lower(): other for other in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"unknown function {name}" + (f", did you mean {by_lower[near[0]]}?" if near else "")
