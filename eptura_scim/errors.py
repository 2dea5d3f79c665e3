"""The root of every error that a user may see.

ReadableError
├── WrongUsageError            options or arguments of a command that cannot be carried out as they are
├── graph.GraphError           Microsoft Graph or the login refused, or could not be reached
├── mapping.SchemaError        the synchronization schema lacks what the mappings need, or is malformed
├── PlacedError                a text cannot be read; the place is shown
│   ├── mapping.ExpressionError    an expression, or it has no result (mapping.EvaluationError)
│   └── mapping.FilterError        a scoping filter
├── plugin_sdk.PluginError     an operation or an id of a resource
├── settings.SettingsError     the stack's configuration

├── engine.EngineError         the Pulumi engine cannot be had or failed
├── adoption.AdoptionError     an application that was made by hand cannot be taken over
├── local_entra.LocalEntraError     the local Entra
└── extras.MissingExtraError   a command needs packages that are not installed
"""

from __future__ import annotations

import reprlib
import traceback
import unicodedata
from collections.abc import Mapping
from pathlib import Path

__all__ = [
    "WRONG_USAGE",
    "PlacedError",
    "ReadableError",
    "WrongUsageError",
    "first_line",
    "kind_and_place",
    "shown",
    "value_problem",
    "without_secrets",
]

WRONG_USAGE = 64
"""The exit code of a command line that cannot be read (EX_USAGE of sysexits.h). Not the 2 of other programs: a typing
error in a pipeline must not look like drift."""

_VALUE_PROBLEMS = {
    "bool_type": "not true or false",
    "int_type": "not a whole number",
    "list_type": "not a list",
    "missing": "missing",
    "model_attributes_type": "not an object",
    "model_type": "not an object",
    "string_too_short": "empty",
    "string_type": "not a text",
}
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 400
_SHOWN = 200
_LINE = 72


class ReadableError(Exception):
    """An expected failure. Its text is for the user: what is wrong with which object, what to do; never a secret."""


class WrongUsageError(ReadableError):
    """Options or arguments of a command contradict each other, or one has a wrong value; nothing was done."""


def value_problem(detail: Mapping[str, object]) -> str:
    """What is wrong with a value of a JSON document, by one of the failures that pydantic tells."""
    return _VALUE_PROBLEMS.get(str(detail["type"]), str(detail["msg"]))


def kind_and_place(error: BaseException) -> str:
    """`ValueError at secrets.py:12`: all that is told of an unexpected error, since its text may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")


class PlacedError(ReadableError, ValueError):
    """A text cannot be read, and the place is known: `position` is the 0-based offset, `problem` what is wrong there.

    The error's text shows the place with a caret on a line of its own; `line` says the same in one line.
    """

    def __init__(self, problem: str, text: str, position: int) -> None:
        self.problem = problem
        self.text = text
        self.position = position
        super().__init__(problem)

    def __str__(self) -> str:
        return f"{self.problem} at character {self.position + 1}:\n{_pointed_at(self.text, self.position)}"

    @property
    def line(self) -> str:
        """Problem and place in one line, for reports and logs."""
        return f"{self.problem} at character {self.position + 1} of {_excerpt(self.text, self.position)!r}"


def first_line(error: BaseException) -> str:
    """The first line of what a library says; the name of the error where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def without_secrets(text: str, *secrets: str | None) -> str:
    """`text` with `[secret]` where one of `secrets` stands; None and the empty text are no secrets."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "[secret]")
    return text


def shown(value: object, length: int = 60) -> str:
    """A value of any size and depth for an error text, cut to a readable length."""
    text = _REPR.repr(value)
    return text if len(text) <= length else f"{text[: length - 3]}…"


def _excerpt(text: str, position: int) -> str:
    """At most 200 characters of a text around a position (0-based), for an error of one line."""
    return _around(text, position, _SHOWN)[0]


def _pointed_at(text: str, position: int) -> str:
    """The line of a text that has the position (0-based), and below it a caret at that place; both are indented."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line, caret = _around(text[start : len(text) if end < 0 else end], position - start, _LINE)
    line = "".join(character if character.isprintable() else " " for character in line)
    return f"  {line}\n  {' ' * sum(map(_columns, line[:caret]))}^"


def _around(text: str, position: int, length: int) -> tuple[str, int]:
    """The part of a text that has a position, and the position in it."""
    if len(text) <= length:
        return text, position
    start = max(0, min(position - length // 2, len(text) - length))
    end = start + length
    before = "…" if start else ""
    return f"{before}{text[start:end]}{'…' if end < len(text) else ''}", position - start + len(before)


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
