"""The stack's settings of the alerts, in the namespace `alerts`: `pulumi config set alerts:enabled on`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from eptura_scim.alerts.values import problem_of
from eptura_scim.errors import ReadableError
from eptura_scim.input_rules import is_email

__all__ = ["NAMESPACE", "AlertSettingsError", "arguments_of_texts"]

NAMESPACE = "alerts"

_TEXTS = {"resourceGroup": "resource_group_name", "location": "location", "workspaceId": "workspace_id"}
_LISTS = {"emails": "emails", "actionGroups": "action_groups"}
_NUMBERS = {
    "retentionDays": "retention_days",
    "failureMinimum": "failure_minimum",
    "failurePercent": "failure_percent",
    "silenceHours": "silence_hours",
}
_OTHERS = ("enabled", "diagnosticSetting", "webhook")
_KNOWN = (*_OTHERS, *_TEXTS, *_LISTS, *_NUMBERS)
_SWITCH = {"on": True, "true": True, "off": False, "false": False}


class AlertSettingsError(ReadableError):
    """Settings of the alerts are missing or wrong; the text has a line for each."""


def arguments_of_texts(values: Mapping[str, str], secret: Collection[str]) -> dict[str, Any] | None:
    """The arguments of EpturaScimAlerts from a stack's texts, keyed by name without the namespace; None where the
    alerts are off. `secret` names those that are stored encrypted.

    Raises AlertSettingsError with a line for each setting that is missing, unknown or wrong.
    """
    values = {name: value.strip() for name, value in values.items() if value.strip()}
    problems = [f"{name}: is not one of {', '.join(_KNOWN)}" for name in values if name not in _KNOWN]
    switch = values.get("enabled", "off").lower()
    if switch not in _SWITCH:
        problems.append(f"enabled: must be on or off; it is {switch!r}")
    arguments: dict[str, Any] = {argument: values[name] for name, argument in _TEXTS.items() if name in values}
    arguments |= {argument: _entries(values[name]) for name, argument in _LISTS.items() if name in values}
    for name, argument in _NUMBERS.items():
        if name in values:
            arguments[argument] = _number(values[name], may_be_off=argument == "silence_hours")
            if arguments[argument] is not None and (wrong := problem_of(argument, arguments[argument])):
                problems.append(f"{name}: {wrong}")
    if "diagnosticSetting" in values:
        name = values["diagnosticSetting"]
        arguments["diagnostic_setting"] = None if name.lower() == "off" else name
    if "webhook" in values:
        arguments["webhooks"] = [values["webhook"]]
        if "webhook" not in secret:
            problems.append("webhook: is stored unencrypted; set it with `pulumi config set --secret alerts:webhook`")
    problems += [
        f"emails: {one!r} is not an e-mail address" for one in arguments.get("emails", ()) if not is_email(one)
    ]
    if _SWITCH.get(switch):
        problems += _missing(arguments)
    if problems:
        lines = (f"{NAMESPACE}:{problem}" for problem in problems)
        raise AlertSettingsError("\n  ".join(["these settings are missing or wrong:", *lines]))
    return arguments if _SWITCH[switch] else None


def _missing(arguments: Mapping[str, Any]) -> list[str]:
    needed = {"resource_group_name": "resourceGroup", "location": "location"}
    problems = [
        f"{name}: is not set; run `pulumi config set {NAMESPACE}:{name}`"
        for argument, name in needed.items()
        if argument not in arguments
    ]
    if not any(arguments.get(name) for name in ("emails", "webhooks", "action_groups")):
        problems.append("emails: set emails, webhook or actionGroups: without them an alert reaches no person")
    return problems


def _entries(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _number(text: str, *, may_be_off: bool) -> int | str | None:
    """A whole number, None for `off`, or the text where it is neither."""
    if may_be_off and text.lower() == "off":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
