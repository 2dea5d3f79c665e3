"""The functions of the expression language: their parameters, and Graph's tree of an expression.

Sources: Microsoft, "Reference for writing expressions for attribute mappings" (names, order and types of parameters);
Microsoft Graph, attributeMappingSource (shape of the tree). Graph's own keys of the parameters are known for Not,
SingleAppRoleAssignment, Mid and Replace (`source`, `start`, `length`, `Find`, `Replacement`) from published schemas;
the keys of all others, also of Switch and Join, are reconstructed from the names in the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from eptura_scim.mapping.expression import (
    Attribute,
    Call,
    Comparison,
    Constant,
    Expression,
    ExpressionError,
    Word,
    parse,
)

__all__ = ["FUNCTIONS", "Function", "Parameter", "ParameterType", "source_tree"]

ParameterType = Literal["String", "Integer", "Reference", "Binary", "Boolean", "DateTime"]
"""Graph's attributeType."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, as Graph's attributeMappingParameterSchema describes it."""

    name: str
    type: ParameterType = "String"
    required: bool = True
    repeats: bool = False
    """May be given several times; parameters that repeat are last and repeat together (Switch: key, value)."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function and its parameters in order."""

    name: str
    parameters: tuple[Parameter, ...]

    def bind(self, arguments: tuple[Expression | None, ...]) -> Iterator[tuple[str, Expression]]:
        """The arguments that are given, each with the key of its parameter.

        Raises ExpressionError when there are too many, or a required one is missing.
        """
        names = list(self._keys(len(arguments)))
        if len(arguments) > len(names):
            raise self._wrong(f"takes at most {len(names)} arguments, {len(arguments)} are given", arguments)
        if len(arguments) < len(names) and any(parameter.required for _, parameter in names[len(arguments) :]):
            missing = names[len(arguments)][0]
            raise self._wrong(f"has no argument for {missing}", arguments)
        for (key, parameter), argument in zip(names, arguments, strict=False):
            if argument is not None:
                yield key, argument
            elif parameter.required:
                raise self._wrong(f"has no argument for {key}", arguments)

    def _keys(self, count: int) -> Iterator[tuple[str, Parameter]]:
        fixed = [parameter for parameter in self.parameters if not parameter.repeats]
        repeated = [parameter for parameter in self.parameters if parameter.repeats]
        for parameter in fixed:
            yield parameter.name, parameter
        if not repeated:
            return
        rounds = max(1, -(-(count - len(fixed)) // len(repeated)))
        for number in range(1, rounds + 1):
            for parameter in repeated:
                yield f"{parameter.name}{number}", parameter

    def _wrong(self, problem: str, arguments: tuple[Expression | None, ...]) -> ExpressionError:
        return ExpressionError(f"{self.name} {problem}", str(Call(self.name, arguments)), 0)


def _function(name: str, *parameters: str) -> Function:
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
    return Function(name, tuple(found))


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
            "RegexPattern?",
            "RegexGroupName?",
            "Replacement?",
            "ReplacementAttributeName?",
            "Template?",
        ),
        _function("SelectUniqueValue", "uniqueValueRule*"),
        _function("SingleAppRoleAssignment", "source"),
        _function("Split", "source", "delimiter"),
        _function("StripSpaces", "source"),
        _function("Switch", "source", "defaultValue?", "key*", "value*"),
        _function("ToLower", "source", "culture?"),
        _function("ToUpper", "source", "culture?"),
        _function("Word", "String", "WordNumber:Integer", "Delimiters"),
    )
}
"""The documented functions by name; names are case-sensitive."""

# Microsoft's own pages print FormatDateTime with three arguments as well (source, input format, output format).
_SHORT_FORMAT_DATE_TIME = _function("FormatDateTime", "source", "inputFormat", "outputFormat")


def source_tree(expression: str | Expression) -> dict[str, Any]:
    """Graph's attributeMappingSource of an expression: `expression`, `name`, `type`, `parameters`.

    Arguments that are left out are left out; a bare number is a constant. Raises ExpressionError for a text that
    cannot be read, an unknown function, and a wrong number of arguments.
    """
    found = parse(expression) if isinstance(expression, str) else expression
    match found:
        case Attribute(name):
            return _node(found, name, "Attribute")
        case Constant(value):
            return _node(found, value, "Constant")
        case Word(name):
            # A bare word (vbTextCompare) is an option's value; its shape in the tree is undocumented.
            return _node(found, name, "Constant")
        case Comparison(operator, left, right):
            # IIF's condition; its shape in the tree is undocumented.
            return _node(found, operator, "Function", [("left", left), ("right", right)])
        case Call(name, arguments):
            return _node(found, name, "Function", list(_signature(name, arguments, str(found)).bind(arguments)))


def _signature(name: str, arguments: tuple[Expression | None, ...], text: str) -> Function:
    if name not in FUNCTIONS:
        raise ExpressionError(f"there is no function {name}", text, 0)
    if name == "FormatDateTime" and len(arguments) == 3:
        return _SHORT_FORMAT_DATE_TIME
    return FUNCTIONS[name]


def _node(
    expression: Expression, name: str, kind: str, parameters: list[tuple[str, Expression]] | None = None
) -> dict[str, Any]:
    return {
        "expression": str(expression),
        "name": name,
        "type": kind,
        "parameters": [{"key": key, "value": source_tree(value)} for key, value in parameters or []],
    }
