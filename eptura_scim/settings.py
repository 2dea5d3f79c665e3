"""Everything that a user may configure, with the seed's defaults. All wrong settings are reported at once, by name."""

from __future__ import annotations

import difflib
import re
import uuid
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from eptura_scim import documented
from eptura_scim.documented import APPLICATION_NAME, GroupMatching, Phone
from eptura_scim.errors import ReadableError
from eptura_scim.graph.secrets import SECRETS_BYTES, ConnectionSettings, secrets_size
from eptura_scim.mapping import FilterText, Mappings, ObjectActions

__all__ = ["Settings", "SettingsError", "is_email"]

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TENANT_URL = re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::(?P<port>\d{{1,5}}))?/scim/v1/\Z")
_GRAPH_INTEGER = 2**31 - 1
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOTES_LENGTH = 1024
_QUOTES = tuple("\"'`\u201c\u201d\u201e\u2018\u2019")


class SettingsError(ReadableError):
    """Settings are missing or wrong; the text has a line for each."""


def _tenant_url(url: str) -> str:
    if "<" in url or "eptura-scim-domain" in url.lower():
        raise ValueError("still holds the guide's placeholder; ask Eptura for your SCIM domain")
    if mistake := _url_mistake(url):
        raise ValueError(f"{mistake}: it must read https://<your Eptura SCIM domain>/scim/v1/; it is {url!r}")
    found = _TENANT_URL.match(url)
    if found is None or not 0 < int(found["port"] or 443) < 2**16:
        raise ValueError(
            f"must read https://<your Eptura SCIM domain>/scim/v1/, with the slash at the end; it is {url!r}"
        )
    return url


def _url_mistake(url: str) -> str:
    """What is wrong with a tenant URL, for mistakes that are known; empty for others."""
    start, _, query = url.partition("?")
    flag = "the flag aadOptscim062020, which Eptura's guide does not ask for" if "aadopt" in query.lower() else query
    lowered = start.lower()
    added = re.search(r"/scim/v1/+(users|groups|serviceproviderconfig|schemas)/?\Z", lowered)
    mistakes = {
        "begins with a quotation mark": url[:1] in _QUOTES,
        f"ends with ?, and {flag}": bool(query),
        "is http: Entra sends the token over https alone": lowered.startswith("http://"),
        f"ends with /{start.rstrip('/').rpartition('/')[2]}, which Entra adds itself": added is not None,
        "lacks the slash at the end": lowered.endswith("/scim/v1"),
        "has two slashes at the end": lowered.endswith("/scim/v1//"),
    }
    return next((said for said, is_so in mistakes.items() if is_so), "")


def _name(name: str) -> str:
    if name != name.strip() or not name.isprintable() or not 1 <= len(name) <= 120:
        raise ValueError("must have 1 to 120 printable characters, without blanks at its ends")
    return name


def is_email(text: str) -> bool:
    """Whether a text has the form of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def _email(address: str) -> str:
    if not is_email(address):
        raise ValueError(f"must be an e-mail address; it is {address!r}")
    return address


def _token(token: SecretStr) -> SecretStr:
    if mistake := _token_mistake(token.get_secret_value()):
        raise ValueError(f"{mistake}; set the token alone, as Eptura gave it")
    if any(not "!" <= character <= "~" for character in token.get_secret_value()):
        raise ValueError("contains spaces, line breaks or characters not allowed in a header; copy it again")
    return token


def _token_mistake(text: str) -> str:
    """What is wrong with a token, for mistakes that are known, without the token itself; empty for others."""
    bare = text.strip()
    if re.match(r"(?i)(authorization:\s*)?bearer\b", bare):
        return 'begins with "Bearer", which Entra adds itself'
    if bare[:1] in _QUOTES or bare[-1:] in _QUOTES:
        return "stands in quotation marks"
    if bare and not bare.strip("*•"):
        return "is what a masked token is shown as, not the token"
    if bare.startswith("<") or re.fullmatch(r"(?i)(your|my)[-_ ]?([a-z]+[-_ ]?)?token", bare):
        return "is a placeholder, not a token"
    return ""


def _switch(text: str) -> bool:
    words = {"on": True, "true": True, "off": False, "false": False}
    if text.lower() not in words:
        raise ValueError(f"must be on or off; it is {text!r}")
    return words[text.lower()]


def _threshold(text: str) -> int | None:
    if text.lower() == "off":
        return None
    if not re.fullmatch("[0-9]{1,10}", text) or not 1 <= int(text) <= _GRAPH_INTEGER:
        raise ValueError(f"must be a whole number above 0, or off; it is {text!r}")
    return int(text)


def _entries(text: str) -> list[str]:
    """What stands between commas."""
    found = [part.strip() for part in text.split(",")]
    if "" in found:
        raise ValueError("has an empty entry; one comma stands between two, none at the end")
    return found


def _object_ids(text: str) -> list[str]:
    ids = []
    for part in _entries(text):
        try:
            ids.append(str(uuid.UUID(part)))
        except ValueError:
            raise ValueError(f"must be object ids, separated by commas; {part!r} is not an object id") from None
    if twice := sorted({part for part in ids if ids.count(part) > 1}):
        raise ValueError(f"names {', '.join(twice)} twice")
    return ids


def _actions(text: str) -> dict[str, bool]:
    words = [word.lower() for word in _entries(text)]
    if unknown := [word for word in words if word not in ObjectActions.model_fields]:
        raise ValueError(f"must be one or more of create, update, delete; {unknown[0]!r} is not an action")
    return {name: name in words for name in ObjectActions.model_fields}


def _notes(text: str) -> str:
    if len(text) > _NOTES_LENGTH:
        raise ValueError(f"must have at most {_NOTES_LENGTH} characters; it has {len(text)}")
    return text


Switch = Annotated[bool, BeforeValidator(_switch)]
"""on or off, as the portal says."""

ObjectIds = Annotated[tuple[str, ...], BeforeValidator(_object_ids)]
"""Object ids of Entra, with commas between them."""

Actions = Annotated[ObjectActions, BeforeValidator(_actions)]
"""create, update and delete, or some of them, with commas between them."""


class Settings(BaseModel):
    """The stack's configuration. Field names in camelCase are the names of the settings."""

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )

    tenant_url: Annotated[str, AfterValidator(_tenant_url)]
    """Eptura's SCIM URL, `https://<EPTURA-SCIM-Domain>/scim/v1/` (S8)."""

    secret_token: Annotated[SecretStr, AfterValidator(_token)]
    """The long-lived token that Eptura provides, as a secret (S9)."""

    application_name: Annotated[str, AfterValidator(_name)] = APPLICATION_NAME
    """Name of the enterprise application (S4)."""

    phone_work: Phone = "off"
    """Whether and how work telephone numbers are sent (S20, S22)."""

    phone_mobile: Phone = "off"
    """Whether and how mobile telephone numbers are sent (S21, S22)."""

    group_matching: GroupMatching = "externalIdThenDisplayName"
    """By what existing groups are found (S34-S38, C1)."""

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

    skip_out_of_scope_deletions: Switch = False
    """Whether users who leave the scope stay active at Eptura."""

    provisioning: Switch = True
    """Whether provisioning is on (S42)."""
    delete_other_jobs: Switch = False
    """Whether further synchronization jobs of the application are deleted instead of paused."""

    notification_email: Annotated[str, AfterValidator(_email)] | None = None
    """Who is told when provisioning fails; no address by default."""

    accidental_deletion_threshold: Annotated[int | None, BeforeValidator(_threshold)] = None
    """Deletions in one cycle above which Entra stops provisioning; off by default."""

    test_saved_token: Switch = True
    """Whether each refresh tests the saved token, so that a revoked one shows."""

    owners: ObjectIds = ()
    """Object ids of the enterprise application's owners; without them Pulumi does not manage owners."""

    notes: Annotated[str, AfterValidator(_notes)] | None = None
    """The enterprise application's notes, at most 1024 characters; without them Pulumi does not manage notes."""

    protect: Switch = True
    """Whether Pulumi refuses to delete the application and its provisioning."""

    @model_validator(mode="after")
    def _fits_into_the_secrets(self) -> Self:
        connection = ConnectionSettings(
            tenant_url=self.tenant_url,
            scope=self.scope,
            notification_email=self.notification_email,
            accidental_deletion_threshold=self.accidental_deletion_threshold,
            skip_out_of_scope_deletions=self.skip_out_of_scope_deletions,
        )
        size = secrets_size(connection.to_secrets(self.secret_token.get_secret_value(), {}))
        if size > SECRETS_BYTES:
            raise ValueError(
                f"tenantUrl, secretToken, notificationEmail and the other values of the connection have {size} bytes "
                f"together; Entra stores {SECRETS_BYTES} for all secrets of an application. Ask Eptura for a shorter "
                "token"
            )
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

    @classmethod
    def from_config(cls, values: Mapping[str, str], secret: Collection[str]) -> Settings:
        """Read settings as texts, keyed by name; an empty text counts as unset. `secret` names those stored encrypted.

        Raises SettingsError with one line for each setting that is missing, unknown, wrong or in clear.
        """
        problems = []
        if values.get("secretToken") and "secretToken" not in secret:
            problems.append(
                "secretToken: is stored unencrypted; set it again with `pulumi config set --secret secretToken`"
            )
        try:
            # Not by Python's names: what is said of a setting has to hold for its only name.
            settings = cls.model_validate({name: value for name, value in values.items() if value}, by_name=False)
        except ValidationError as error:
            problems += [_problem(detail) for detail in error.errors(include_input=False, include_url=False)]
        if problems:
            raise SettingsError("\n  ".join(["these settings are missing or wrong:", *problems]))
        return settings


def _problem(detail: Any) -> str:
    name = str(detail["loc"][0]) if detail["loc"] else "connection"
    match detail["type"]:
        case "missing":
            flag = " --secret" if name == "secretToken" else ""
            reason = f"is not set; run `pulumi config set{flag} {name}`"
        case "extra_forbidden":
            names = [field.alias or "" for field in Settings.model_fields.values()]
            close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            reason = f"is not a setting; did you mean {close[0]}?" if close else f"is not one of {', '.join(names)}"
        case "literal_error":
            reason = f"must be {detail['ctx']['expected']}"
        case _:
            reason = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    lines = reason.replace("\n", "\n    ")  # the place in a filter has a line of its own
    return f"{name}: {lines}"
