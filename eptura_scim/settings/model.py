"""Everything that a user may configure, as typed values, with the guide's defaults."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from eptura_scim import documented
from eptura_scim.documented import APPLICATION_NAME, GroupMatching, Phone
from eptura_scim.errors import ReadableError
from eptura_scim.graph.secrets import ConnectionSettings, too_long
from eptura_scim.input_rules import (
    ApplicationName,
    Email,
    Notes,
    ObjectId,
    TenantUrl,
    Threshold,
    WarningDays,
    header_text,
    reason,
)
from eptura_scim.mapping import FilterText, Mappings, ObjectActions
from eptura_scim.token_expiry import WARNED_DAYS

__all__ = ["Action", "SettingProblem", "Settings", "SettingsError", "checked_setting", "is_not_a_setting"]

Action = Literal["create", "update", "delete"]
"""What Entra may do to an object at Eptura."""

SettingProblem = tuple[str, str]
"""The name of a setting, and what is wrong with it."""


class SettingsError(ReadableError):
    """Settings are missing or wrong; the text has a line for each."""

    def __init__(self, problems: Iterable[SettingProblem]) -> None:
        self.problems = list(problems)
        # The place in a filter has a line of its own.
        lines = [f"{name}: {problem}".replace("\n", "\n    ") for name, problem in self.problems]
        super().__init__("\n  ".join(["these settings are missing or wrong:", *lines]))


def is_not_a_setting(name: str, names: Collection[str]) -> SettingProblem:
    """The problem of a name that is not one of `names`, with the nearest of them."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return name, f"is not a setting; did you mean {close[0]}?" if close else f"is not one of {', '.join(names)}"


def _token(token: SecretStr) -> SecretStr:
    header_text(token.get_secret_value())
    return token


def _without_repetition(ids: tuple[str, ...]) -> tuple[str, ...]:
    if twice := sorted({part for part in ids if ids.count(part) > 1}):
        raise ValueError(f"names {', '.join(twice)} twice")
    return ids


def _actions(value: object) -> object:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return value
    if unknown := [word for word in value if word not in ObjectActions.model_fields]:
        raise ValueError(f"must be one or more of create, update, delete; {unknown[0]!r} is not an action")
    return {name: name in value for name in ObjectActions.model_fields}


ObjectIds = Annotated[tuple[ObjectId, ...], AfterValidator(_without_repetition)]
"""Object ids of Entra, each once."""

Actions = Annotated[ObjectActions, BeforeValidator(_actions)]
"""create, update and delete, or a list of some of them."""


class Settings(BaseModel):
    """What a user configures. Field names in camelCase are the names of a stack's settings.

    Raises ValidationError for values that break a rule.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )

    tenant_url: TenantUrl
    """Eptura's SCIM URL, `https://<EPTURA-SCIM-Domain>/scim/v1/` (S8)."""

    secret_token: Annotated[SecretStr, AfterValidator(_token)]
    """The long-lived token that Eptura provides, as a secret (S9)."""

    application_name: ApplicationName = APPLICATION_NAME
    """Name of the enterprise application (S4)."""

    phone_work: Phone = "off"
    """Whether and how work telephone numbers are sent (S20, S22)."""

    phone_mobile: Phone = "off"
    """Whether and how mobile telephone numbers are sent (S21, S22)."""

    group_matching: GroupMatching = "externalIdThenDisplayName"
    """The attributes by which existing groups are found (S34-S38, C1)."""

    scope: Literal["all", "assigned"] = "all"
    """Sync all users and groups, or only assigned ones (S41)."""

    assigned_users: ObjectIds = ()
    """Object ids of users who are assigned to the application."""

    assigned_groups: ObjectIds = ()
    """Object ids of groups that are assigned to the application."""

    user_filter: FilterText | None = None
    """The scoping filter of users, `department EQUALS "sales"`; all users by default."""

    group_filter: FilterText | None = None
    """The scoping filter of groups; all groups by default."""

    user_actions: Actions = ObjectActions()
    """What Entra may do to users at Eptura: create, update, delete."""

    group_actions: Actions = ObjectActions()
    """What Entra may do to groups at Eptura: create, update, delete."""

    skip_out_of_scope_deletions: bool = False
    """Whether users who leave the scope stay active at Eptura."""

    provisioning: bool = True
    """Whether provisioning is on (S42)."""

    notification_email: Email | None = None
    """Who is told when provisioning fails; no address by default."""

    accidental_deletion_threshold: Threshold | None = None
    """Deletions in one cycle above which Entra stops provisioning; off by default."""

    test_saved_token: bool = True
    """Whether each refresh tests the saved token, so that a revoked one shows."""

    token_warning_days: WarningDays = WARNED_DAYS
    """Days before the expiry of a token that is a JWT at which warnings begin; 0 for none."""

    owners: ObjectIds = ()
    """Object ids of the enterprise application's owners; without them Pulumi does not manage owners."""

    notes: Notes | None = None
    """The enterprise application's notes, at most 1024 characters; without them Pulumi does not manage notes."""

    delete_other_jobs: bool = False
    """Whether further synchronization jobs of the application are deleted instead of paused."""

    protect: bool = True
    """Whether Pulumi refuses to delete the application and its provisioning."""

    @model_validator(mode="after")
    def _fits_into_the_secrets(self) -> Self:
        connection = {name: getattr(self, name) for name in ConnectionSettings.model_fields}
        if problem := too_long(ConnectionSettings(**connection), self.secret_token.get_secret_value(), {}):
            raise ValueError(problem)
        return self

    @property
    def mappings(self) -> Mappings:
        """The attribute mappings that these settings ask for."""
        return documented.mappings(
            phone_work=self.phone_work,
            phone_mobile=self.phone_mobile,
            group_matching=self.group_matching,
            user_filter=self.user_filter,
            group_filter=self.group_filter,
            user_actions=self.user_actions,
            group_actions=self.group_actions,
        )


def checked_setting(name: str, value: object, *, shows_value: bool = True) -> Any:
    """One setting, by its Python name, in its canonical form.

    Raises SettingsError, which names the setting, and its value where `shows_value` allows it.
    """
    try:
        return _rule(name).validate_python(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise SettingsError((name, reason(detail, shows_value=shows_value)) for detail in details) from None


@cache
def _rule(name: str) -> TypeAdapter[Any]:
    field = Settings.model_fields[name]
    annotation: Any = field.annotation
    return TypeAdapter(Annotated[(annotation, *field.metadata)] if field.metadata else annotation)
