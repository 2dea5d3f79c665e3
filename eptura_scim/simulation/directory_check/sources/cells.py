"""Values of exports: texts of cells, and JSON that other tools wrote, as Microsoft Graph would show them.

PowerShell writes a value that it cannot show in a cell as the name of its type (`System.String[]`). Excel takes what
looks like a formula or a number for one, and saves `#NAME?` or `4.98955E+11` in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from eptura_scim.simulation.directory_check.partition import LOST
from eptura_scim.simulation.directory_check.sources.boolean_words import as_boolean
from eptura_scim.simulation.directory_check.sources.columns import (
    BLOCKED,
    BOOLEANS,
    LISTS,
    OUTER,
    is_extension,
)

__all__ = ["TYPE_PREFIXES", "as_list", "table_object", "type_name"]

TYPE_PREFIXES = ("System.", "Microsoft.")
_TYPE_NAME = re.compile(
    r"(?:System\.(?:\w+\.)*\w+(?:`\d+)?(?:\[[\w.,\[\]` ]*\])*|Microsoft\.(?:Graph|Open|Azure)\.(?:\w+\.)+\w+(?:\[\])*)"
)
_TYPES = frozenset({"System.String", "System.Object", "System.Byte", "System.Guid", "System.DateTime", "System.Int32"})
_EXCEL_ERRORS = frozenset(
    {
        "#N/A", "#NAME?", "#VALUE!", "#REF!", "#NULL!", "#DIV/0!", "#NUM!", "#SPILL!", "#CALC!",
        "#NV", "#WERT!", "#BEZUG!", "#ZAHL!", "#NOM?", "#VALEUR!", "#NOMBRE!", "#¿NOMBRE?", "#¡VALOR!", "#¡REF!",
        "#NOME?", "#VALORE!", "#RIF!", "#NAAM?", "#WAARDE!", "#VERW!",  # codespell:ignore
    }
)  # fmt: skip
"""In English; then in German, French, Spanish, Italian and Dutch, where they differ."""
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d{1,2}")
_SUSPECTS = (*TYPE_PREFIXES, "#")
_SEPARATORS = re.compile(r"[;|\r\n]")


def as_list(value: Any) -> Any:
    """A value of several: a list, alone, in braces as PowerShell writes it, as JSON, or with separators."""
    if isinstance(value, Mapping) and isinstance(value.get("value"), list):  # as Windows PowerShell writes lists
        return value["value"]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    parts = _SEPARATORS.split(text)
    if text.startswith("{") and text.endswith("}"):
        parts = re.split(r"[;,]", text[1:-1])
    elif "SMTP:" in text or "smtp:" in text:  # the Microsoft 365 admin center joins addresses by +
        parts = re.split(r"[;,|\r\n]|\+(?=[A-Za-z0-9]+:)", text)
    return [stripped for part in parts if (stripped := part.strip())]


def type_name(value: Any) -> str | None:
    """The name of a PowerShell type that stands where a value should stand; None for values."""
    if not isinstance(value, str) or not value.startswith(TYPE_PREFIXES) or not _TYPE_NAME.fullmatch(value):
        return None
    is_list = value.endswith("]") or "`" in value
    known = value in _TYPES or value.startswith(("System.Collections.", "Microsoft."))
    return value if is_list or known else None


def lost_value(cell: str) -> str | None:
    """What a tool wrote into a cell in the place of the value that it lost; None for values."""
    if cell.startswith(TYPE_PREFIXES):
        return type_name(cell)
    is_lost = cell in _EXCEL_ERRORS or _ROUNDED.fullmatch(cell) is not None
    return cell if is_lost else None


def table_object(names: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    """The object of Graph in a row of a table, by the properties of its columns; an empty text counts as absent.

    Where two columns hold one property, the first column that has a value counts.
    """
    made: dict[str, Any] = {}
    lost: dict[str, str] = {}
    for name, cell in zip(names, values, strict=True):
        value = cell
        if isinstance(cell, str):
            convert = _CONVERTERS.get(name)
            value = convert(cell) if convert and cell else cell or None
            if (cell.startswith(_SUSPECTS) or "E+" in cell) and (found := lost_value(cell)):
                lost[_graph_property(name)], value = found, None
        if made.get(name) in (None, []):
            made[name] = value
    return _finished(made, lost)


def _graph_property(name: str) -> str:
    if is_extension(name):
        return OUTER
    return "accountEnabled" if name == BLOCKED else name


def _finished(made: dict[str, Any], lost: dict[str, str]) -> dict[str, Any]:
    """The object with what stands in columns of its own put where Graph has it."""
    made.pop("", None)
    if BLOCKED in made:
        blocked = made.pop(BLOCKED)
        opposite = not blocked if isinstance(blocked, bool) else blocked
        if made.get("accountEnabled") is None:
            made["accountEnabled"] = opposite
    inner = {name: made.pop(name) for name in list(made) if is_extension(name)}
    if inner:
        made[OUTER] = inner
    if lost:
        made[LOST] = lost
    return made


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys((*BOOLEANS, BLOCKED), as_boolean),
    **dict.fromkeys(LISTS, as_list),
}
