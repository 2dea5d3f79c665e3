"""The stack's settings of the alerts, in the namespace `alerts`: `pulumi config set alerts:enabled on`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from eptura_scim.alerts.values import problem_of
from eptura_scim.input_rules import is_email
from eptura_scim.settings import SettingProblem, SettingsError, is_not_a_setting
from eptura_scim.settings.texts import entries, on_or_off

__all__ = ["NAMESPACE", "arguments_of_texts"]

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


def arguments_of_texts(values: Mapping[str, str], secret: Collection[str]) -> dict[str, Any] | None:
    """The arguments of EpturaScimAlerts from a stack's texts, keyed by name without the namespace; None where the
    alerts are off. `secret` names those that are stored encrypted.

    Raises SettingsError with a line for each setting that is missing, unknown or wrong.
    """
    values = {name: value.strip() for name, value in values.items() if value.strip()}
    problems: list[SettingProblem] = [is_not_a_setting(name, _KNOWN) for name in values if name not in _KNOWN]
    is_on = False
    try:
        is_on = on_or_off(values.get("enabled", "off"))
    except ValueError as error:
        problems.append(("enabled", str(error)))
    arguments: dict[str, Any] = {argument: values[name] for name, argument in _TEXTS.items() if name in values}
    for name, argument in _LISTS.items():
        try:
            arguments |= {argument: entries(values[name])} if name in values else {}
        except ValueError as error:
            problems.append((name, str(error)))
    for name, argument in _NUMBERS.items():
        if name in values:
            arguments[argument] = _number(values[name], may_be_off=argument == "silence_hours")
            if arguments[argument] is not None and (wrong := problem_of(argument, arguments[argument])):
                problems.append((name, wrong))
    if "diagnosticSetting" in values:
        name = values["diagnosticSetting"]
        arguments["diagnostic_setting"] = None if name.lower() == "off" else name
    if "webhook" in values:
        arguments["webhooks"] = [values["webhook"]]
        if "webhook" not in secret:
            problems.append(
                ("webhook", "is stored unencrypted; set it with `pulumi config set --secret alerts:webhook`")
            )
    problems += [
        ("emails", f"{one!r} is not an e-mail address") for one in arguments.get("emails", ()) if not is_email(one)
    ]
    if is_on:
        problems += _missing(values)
    if problems:
        raise SettingsError((f"{NAMESPACE}:{name}", problem) for name, problem in problems)
    return arguments if is_on else None


def _missing(values: Mapping[str, str]) -> list[SettingProblem]:
    problems = [
        (name, f"is not set; run `pulumi config set {NAMESPACE}:{name}`")
        for name in ("resourceGroup", "location")
        if name not in values
    ]
    if not any(name in values for name in ("emails", "webhook", "actionGroups")):
        problems.append(("emails", "set emails, webhook or actionGroups: without them an alert reaches no person"))
    return problems


def _number(text: str, *, may_be_off: bool) -> int | str | None:
    """A whole number, None for `off`, or the text where it is neither."""
    if may_be_off and text.lower() == "off":
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
