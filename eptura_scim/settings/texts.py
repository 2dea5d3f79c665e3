"""A stack's configuration, which consists of texts, as settings. All wrong texts are reported at once, by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from eptura_scim.input_rules import reason
from eptura_scim.settings.model import SettingProblem, Settings, SettingsError, is_not_a_setting

__all__ = ["entries", "on_or_off", "settings_of_texts"]

_SWITCH = {"on": True, "true": True, "off": False, "false": False}
_TOKEN = "secretToken"  # noqa: S105  (the setting's name)


def settings_of_texts(texts: Mapping[str, str], secret: Collection[str], namespace: str = "") -> Settings:
    """Read settings as texts, keyed by name; an empty text counts as unset. `secret` names those stored encrypted.

    `namespace` is that of the keys, where it is not the project's: the commands of the error text name it.
    Raises SettingsError with a line for each setting that is missing, unknown, wrong or in clear.
    """
    given = {name: text for name, text in texts.items() if text}
    problems: list[SettingProblem] = []
    values: dict[str, Any] = {}
    for name, text in given.items():
        try:
            values[name] = _PARSERS.get(name, str)(text)
        except ValueError as error:
            problems.append((name, str(error)))
    try:
        # By wire names alone: an error text names a setting as the user has to write it.
        settings = Settings.model_validate(values, by_name=False)
    except ValidationError as error:
        problems += [_problem(detail, namespace) for detail in error.errors(include_url=False)]
        settings = None
    problems.sort(key=_place)
    if _TOKEN in given and _TOKEN not in secret:
        problems.insert(0, (_TOKEN, f"is stored unencrypted; set it again with `{_command(_TOKEN, namespace)}`"))
    if problems or settings is None:
        raise SettingsError(problems)
    return settings


def _problem(detail: ErrorDetails, namespace: str) -> SettingProblem:
    name = str(detail["loc"][0]) if detail["loc"] else "connection"
    match detail["type"]:
        case "missing":
            return name, f"is not set; run `{_command(name, namespace)}`"
        case "extra_forbidden":
            return is_not_a_setting(name, _NAMES)
        case _:
            return name, reason(detail)


def _place(problem: SettingProblem) -> int:
    name, _ = problem
    return _NAMES.index(name) if name in _NAMES else len(_NAMES)


def on_or_off(text: str) -> bool:
    """Whether a text is `on` or `true`, in either case. Raises ValueError for any text but these, `off` and `false`."""
    if text.lower() not in _SWITCH:
        raise ValueError(f"must be on or off; it is {text!r}")
    return _SWITCH[text.lower()]


def _number_or_off(text: str) -> int | None:
    if text.lower() == "off":
        return None
    if not re.fullmatch("[0-9]{1,10}", text):
        raise ValueError(f"must be a whole number above 0, or off; it is {text!r}")
    return int(text)


def _days_or_off(text: str) -> int:
    if text.lower() == "off":
        return 0
    if not re.fullmatch("[0-9]{1,4}", text):
        raise ValueError(f"must be a whole number of days, or off; it is {text!r}")
    return int(text)


def entries(text: str) -> list[str]:
    """The entries of a list, with commas between them; a list of YAML arrives as one of JSON. Raises ValueError."""
    found = _json_entries(text) if text.lstrip().startswith("[") else [part.strip() for part in text.split(",")]
    if "" in found:
        raise ValueError("has an empty entry: write one comma between two entries, and none at the end")
    return found


def _json_entries(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise ValueError(f"must be a list of texts, or a text with commas between its entries; it is {text!r}")
    return [one.strip() for one in found]


def _choice(choices: Sequence[str], text: str) -> str:
    """The choice as it is spelled; the case of a setting does not matter."""
    return next((one for one in choices if one.casefold() == text.strip().casefold()), text)


def _words(text: str) -> list[str]:
    return [word.lower() for word in entries(text)]


def _command(name: str, namespace: str) -> str:
    flag = "--secret " if name == _TOKEN else ""
    return f"pulumi config set {flag}{namespace}{':' if namespace else ''}{name}"


_NAMES = [field.alias or "" for field in Settings.model_fields.values()]
_PARSERS: dict[str, Callable[[str], Any]] = {
    "assignedUsers": entries,
    "assignedGroups": entries,
    "owners": entries,
    "userActions": _words,
    "groupActions": _words,
    "accidentalDeletionThreshold": _number_or_off,
    "tokenWarningDays": _days_or_off,
    **{
        field.alias or "": partial(_choice, get_args(field.annotation))
        for field in Settings.model_fields.values()
        if get_origin(field.annotation) is Literal
    },
    **{field.alias or "": on_or_off for field in Settings.model_fields.values() if field.annotation is bool},
}
