"""The arguments of the component: inputs of a Pulumi program, checked by the rules of the settings.

A value that the program knows is checked at once, all of them together. An output is checked when its value is known.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, Required, TypedDict, TypeVar

import pulumi
from pydantic import SecretStr
from pydantic.alias_generators import to_camel

from eptura_scim.documented import GroupMatching, Phone
from eptura_scim.environment import try_out_leak
from eptura_scim.graph.secrets import ConnectionSettings, too_long
from eptura_scim.mapping import ObjectActions
from eptura_scim.settings.model import (
    Action,
    SettingProblem,
    Settings,
    SettingsError,
    checked_setting,
    is_not_a_setting,
)
from eptura_scim.token_expiry import TokenExpiry

__all__ = ["Arguments", "EpturaScimProvisioningArgs", "Principals"]

Principals = Sequence[pulumi.Input[str]] | Mapping[str, pulumi.Input[str]]
"""Object ids. In a mapping each key is a name of your choice, which ends the name of the assignment in the stack."""


class EpturaScimProvisioningArgs(TypedDict, total=False):
    """What EpturaScimProvisioning takes. What is left out has the default of Eptura's guide; docs/settings.md."""

    tenant_url: Required[pulumi.Input[str]]
    """Eptura's SCIM URL, `https://<EPTURA-SCIM-Domain>/scim/v1/`."""

    secret_token: Required[pulumi.Input[str]]
    """The long-lived token that Eptura provides. It is a secret, whether it is given as one or not."""

    application_name: pulumi.Input[str]
    """Name of the enterprise application; EpturaScimApplication by default."""

    phone_work: pulumi.Input[Phone]
    """Whether and how work telephone numbers are sent; off by default."""

    phone_mobile: pulumi.Input[Phone]
    """Whether and how mobile telephone numbers are sent; off by default."""

    group_matching: pulumi.Input[GroupMatching]
    """The attributes by which existing groups are found; externalIdThenDisplayName by default."""

    scope: pulumi.Input[Literal["all", "assigned"]]
    """Sync all users and groups, or only assigned ones; all by default."""

    assigned_users: Principals
    """Object ids of users who are assigned to the application."""

    assigned_groups: Principals
    """Object ids of groups that are assigned to the application."""

    user_filter: pulumi.Input[str | None]
    """The scoping filter of users, `department EQUALS "sales"`; all users by default."""

    group_filter: pulumi.Input[str | None]
    """The scoping filter of groups; all groups by default."""

    user_actions: pulumi.Input[Sequence[Action]]
    """What Entra may do to users at Eptura; create, update and delete by default."""

    group_actions: pulumi.Input[Sequence[Action]]
    """What Entra may do to groups at Eptura; create, update and delete by default."""

    skip_out_of_scope_deletions: pulumi.Input[bool]
    """Whether users who leave the scope stay active at Eptura; False by default."""

    provisioning: pulumi.Input[bool]
    """Whether provisioning is on; True by default."""

    delete_other_jobs: pulumi.Input[bool]
    """Whether further synchronization jobs of the application are deleted instead of paused; False by default."""

    notification_email: pulumi.Input[str | None]
    """Who is told when provisioning fails."""

    accidental_deletion_threshold: pulumi.Input[int | None]
    """Deletions in one cycle above which Entra stops provisioning; no limit by default."""

    test_saved_token: pulumi.Input[bool]
    """Whether each refresh tests the saved token, so that a revoked one shows; True by default."""

    token_warning_days: pulumi.Input[int]
    """Days before the expiry of a token that is a JWT at which warnings begin; 60 by default, 0 for none."""

    owners: Sequence[pulumi.Input[str]]
    """Object ids of the enterprise application's owners; without them Pulumi does not manage owners."""

    notes: pulumi.Input[str | None]
    """The enterprise application's notes, at most 1024 characters; without them Pulumi does not manage notes."""

    protect: bool
    """Whether Pulumi refuses to delete the application and its provisioning; by default as `opts.protect` says, and
    True where that says nothing."""


T = TypeVar("T")
_ASSIGNED = {"assigned_users": "user", "assigned_groups": "group"}


class Arguments:
    """Checked arguments. A value is the plain one where the program knows it, else an output that is checked."""

    def __init__(self, given: EpturaScimProvisioningArgs | Settings) -> None:
        """Raises RunError, with a line for each argument that is missing, unknown or wrong."""
        values = {name: value for name, value in dict(given).items() if value is not None}
        problems: list[SettingProblem] = []
        self._values: dict[str, Any] = {}
        for name, field in Settings.model_fields.items():
            try:
                if name in values:
                    self._values[name] = _taken(name, values[name])
                elif field.is_required():
                    problems.append((name, "is missing"))
            except SettingsError as error:
                problems += error.problems
        self._values["assigned"] = {}
        for name in _ASSIGNED:
            for end, principal in self._values.get(name, {}).items():
                if self._values["assigned"].setdefault(end, principal) != principal:
                    problems.append((name, f"names {end} twice"))
        if not problems:
            problems += self._problems_of_the_connection()
        unknown = [name for name in values if name not in Settings.model_fields]
        problems += [is_not_a_setting(name, Settings.model_fields) for name in unknown]
        if problems:
            raise pulumi.RunError(str(SettingsError(problems)))

    def __getitem__(self, name: str) -> Any:
        """An argument or its default: plain, or an output."""
        return self._values.get(name, Settings.model_fields[name].default)

    def _problems_of_the_connection(self) -> list[SettingProblem]:
        """What is wrong with values that are right by themselves, as far as the program knows them.

        The plugin looks at those that are known later.
        """
        connection = {name: self[name] for name in ConnectionSettings.model_fields}
        if not _is_output(connection["tenant_url"]) and (leak := try_out_leak(connection["tenant_url"], os.environ)):
            return [("tenant_url", leak)]
        token = self["secret_token"]
        if _is_output(connection) or _is_output(token):
            return []
        problem = too_long(ConnectionSettings(**connection), token, {})
        return [("connection", problem)] if problem else []

    def has(self, name: str) -> bool:
        """Whether an argument is given and not empty, as far as the program knows."""
        value = self._values.get(name)
        return _is_output(value) or value not in (None, "", ())

    def derive(self, function: Callable[..., T], *names: str) -> pulumi.Input[T]:
        """What a function makes of some arguments, which it takes by their names."""
        values = {name: self[name] for name in names}
        if _is_output(values):
            return pulumi.Output.all(**values).apply(lambda known: function(**known))
        return function(**values)

    def derive_from_assigned(self, function: Callable[[list[str]], T]) -> pulumi.Input[T]:
        """What a function makes of the object ids of all who are assigned."""
        ids = list(self.assigned.values())
        return pulumi.Output.all(*ids).apply(function) if _is_output(ids) else function([str(one) for one in ids])

    @property
    def assigned(self) -> Mapping[str, pulumi.Input[str]]:
        """The object ids of users and groups who are assigned, each by the end of its assignment's name."""
        assigned: Mapping[str, pulumi.Input[str]] = self._values["assigned"]
        return assigned

    @property
    def token_expiry(self) -> pulumi.Output[dict[str, str] | None]:
        """When the token expires, as `TokenExpiry.output`; None where the token does not say. Not a secret."""
        return pulumi.Output.unsecret(
            pulumi.Output.from_input(self.derive(_expiry_of, "secret_token", "token_warning_days"))
        )

    @property
    def recorded(self) -> dict[str, Any]:
        """The arguments with their defaults in wire names, without the token: what the state shows."""
        names = [name for name in Settings.model_fields if name != "secret_token"]
        return {to_camel(name): self.derive(lambda **value: _wire(*value.values()), name) for name in names}


def _taken(name: str, value: Any) -> Any:
    """One argument, checked. Raises SettingsError."""
    if name in _ASSIGNED:
        return _assigned(name, value)
    if not _is_output(value):
        return _plain(checked_setting(name, value))
    if name == "protect":
        raise SettingsError([(name, "must be True or False: the program has to know it")])
    return pulumi.Output.from_input(value).apply(lambda known: _checked_late(name, known))


def _assigned(name: str, given: Any) -> dict[str, pulumi.Input[str]]:
    """Object ids by the ends of their assignments' names: the id, or the key of a mapping, or the place in the list."""
    if not isinstance(given, Mapping | Sequence) or isinstance(given, str):
        raise SettingsError([(name, "must be a list or a mapping; its items may be outputs")])
    pairs = list(given.items()) if isinstance(given, Mapping) else [(None, value) for value in given]
    known = iter(checked_setting(name, [value for _, value in pairs if not _is_output(value)]))
    found: dict[str, pulumi.Input[str]] = {}
    for place, (key, value) in enumerate(pairs, start=1):
        if _is_output(value):
            checked = pulumi.Output.from_input(value).apply(lambda known: _checked_late(name, [known])[0])
            found[key or f"{_ASSIGNED[name]}-{place}"] = checked
        else:
            identifier = next(known)
            found[key or identifier] = identifier
    return found


def _checked_late(name: str, value: Any) -> Any:
    """A value of an output. The error does not repeat it: it may be a secret."""
    try:
        return _plain(checked_setting(name, value, shows_value=False))
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _expiry_of(secret_token: str, token_warning_days: int) -> dict[str, str] | None:
    found = TokenExpiry.of_token(secret_token, token_warning_days)
    return found.output if found else None


def _is_output(value: Any) -> bool:
    """Whether a value is an output, or holds one."""
    if isinstance(value, Mapping):
        return any(map(_is_output, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_output, value))
    return isinstance(value, pulumi.Output | Awaitable)


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _wire(value: Any) -> Any:
    if isinstance(value, ObjectActions):
        return [action for action, allowed in value if allowed]
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, tuple) else value
