"""The portal's edits by name, with their fields: what `local edit` and the pages of the local Entra offer.

An edit reaches the rules through `Portal`. Its values are texts, as a form sends them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from eptura_scim.errors import shown
from eptura_scim.local_entra.directory.principal_models import USER
from eptura_scim.local_entra.errors import EditError
from eptura_scim.local_entra.portal.portal import Portal
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.tenant import DEFAULT_SCIM_TOKEN
from eptura_scim.mapping.model import Apply
from eptura_scim.types import Kind

__all__ = ["EDITS", "Edit", "Field", "Place", "Section", "checked_edit", "make_edit"]

Section = Literal["application", "provisioning", "connection", "mappings", "people"]
"""Where in the portal an edit is made; the pages show the edits of a section together."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where edits are made: the portal at one application, and the SCIM server."""

    portal: Portal
    scim: ScimServer


@dataclass(frozen=True, slots=True)
class Field:
    """A value that an edit needs."""

    label: str
    choices: tuple[str, ...] = ()
    kind: Literal["text", "number", "secret"] = "text"
    optional: bool = False
    """Whether it may be left out; what is left out, or empty, is the empty text."""
    hint: str = ""


Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the portal."""

    section: Section
    title: str
    make: Callable[[Place, Values], object]
    fields: Mapping[str, Field]


_OF = Field("Mappings of", ("users", "groups"))
_TARGET = Field("Target attribute", hint="name.givenName")
_ON_OFF = ("on", "off")
_YES_NO = ("yes", "no")
_USER = Field("User", hint="adele.vance@contoso.example")
_WHO = Field("User or group", hint="All staff")
_GROUP = Field("Group", hint="All staff")
_ACTIONS = re.compile(r"(?:Add|Update|Delete)(?:, ?(?:Add|Update|Delete))*")


def make_edit(place: Place, name: str, values: Values) -> None:
    """Make an edit. Raises EditError, which names every wrong value, UnknownAppError, ODataError or another
    ReadableError where the rules refuse it."""
    edit = checked_edit(name, values)
    edit.make(place, {field: values.get(field, "") for field in edit.fields})


def checked_edit(name: str, values: Values) -> Edit:
    """The edit of this name. Raises EditError, which names every wrong value."""
    edit = EDITS.get(name)
    if edit is None:
        raise EditError(f"{shown(name)} is not an edit; `eptura-scim local edit` lists them")
    if problems := list(_problems(edit, values)):
        raise EditError(f"{name}: {'; '.join(problems)}")
    return edit


def _problems(edit: Edit, values: Values) -> Iterator[str]:
    for name in values:
        if name not in edit.fields:
            yield f"{shown(name)} is not a field; the fields are {', '.join(edit.fields) or 'none'}"
    for name, field in edit.fields.items():
        value = values.get(name, "")
        if not value:
            if not field.optional:
                yield f"{name} is missing"
        elif field.choices and value not in field.choices:
            yield f"{name} is {shown(value)}; it can be {', '.join(field.choices)}"
        elif field.kind == "number" and not (value.isascii() and value.isdigit() and len(value) < 7):
            yield f"{name} is {shown(value)}; a number from 0 to 999999 is needed"


def _kind(values: Values) -> Kind:
    return "User" if values["of"] == "users" else "Group"


def _add_mapping(place: Place, values: Values) -> None:
    add = place.portal.add_user_mapping if _kind(values) == "User" else place.portal.add_group_mapping
    add(values["target"], values["source"], precedence=int(values["precedence"] or 0))


def _remove_mapping(place: Place, values: Values) -> None:
    remove = place.portal.remove_user_mapping if _kind(values) == "User" else place.portal.remove_group_mapping
    remove(values["target"])


def _set_source(place: Place, values: Values) -> None:
    change = place.portal.set_user_source if _kind(values) == "User" else place.portal.set_group_source
    change(values["target"], values["source"])


def _set_apply(place: Place, values: Values) -> None:
    place.portal.set_apply(values["target"], values["apply"], kind=_kind(values))  # type: ignore[arg-type]


def _set_actions(place: Place, values: Values) -> None:
    actions = values["actions"]
    if actions and not _ACTIONS.fullmatch(actions):
        raise EditError(f"object-actions: actions is {shown(actions)}; it can be Add, Update, Delete or some of them")
    place.portal.set_object_actions(actions.replace(" ", ""), kind=_kind(values))


def _edit_user(place: Place, values: Values) -> None:
    name = values["property"]
    place.portal.people.edit_user(values["user"], **{name: _typed(name, values["value"])})


def _typed(name: str, text: str) -> Any:
    """A form's text as the type that the property has. Raises EditError."""
    blank = USER.properties.get(name)
    if isinstance(blank, bool):
        if text.lower() not in {"true", "false"}:
            raise EditError(f"user: {name} is {shown(text)}; it can be true or false")
        return text.lower() == "true"
    if isinstance(blank, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text or None


EDITS: dict[str, Edit] = {
    # Properties of the enterprise application
    "create-application": Edit(
        "application", "Create an application", lambda at, new: at.portal.create_application(new["name"]),
        {"name": Field("Name")},
    ),
    "rename": Edit(
        "application", "Rename the enterprise application", lambda at, new: at.portal.rename(new["name"]),
        {"name": Field("Name")},
    ),
    "sign-in": Edit(
        "application", "Enabled for users to sign in?",
        lambda at, new: at.portal.enable_sign_in() if new["enabled"] == "yes" else at.portal.disable_sign_in(),
        {"enabled": Field("Enabled", _YES_NO)},
    ),
    "assignment-required": Edit(
        "application", "Assignment required?", lambda at, new: at.portal.require_assignment(new["required"] == "yes"),
        {"required": Field("Required", _YES_NO)},
    ),
    "hide": Edit("application", "Hide it from users", lambda at, _: at.portal.hide(), {}),
    "notes": Edit(
        "application", "Edit the notes", lambda at, new: at.portal.set_notes(new["text"]),
        {"text": Field("Notes", optional=True)},
    ),
    "delete-service-principal": Edit(
        "application", "Delete the service principal", lambda at, _: at.portal.delete_service_principal(), {},
    ),
    "delete-application": Edit(
        "application", "Delete the application", lambda at, _: at.portal.delete_application(), {},
    ),
    "restore-application": Edit(
        "application", "Restore a deleted application", lambda at, _: at.portal.restore_application(), {},
    ),
    # Provisioning
    "start": Edit("provisioning", "Start provisioning", lambda at, _: at.portal.start(), {}),
    "pause": Edit("provisioning", "Pause provisioning", lambda at, _: at.portal.stop(), {}),
    "restart": Edit("provisioning", "Restart provisioning", lambda at, _: at.portal.restart(), {}),
    "allow-deletes": Edit("provisioning", "Allow deletes", lambda at, _: at.portal.allow_deletes(), {}),
    "create-job": Edit("provisioning", "Create a provisioning job", lambda at, _: at.portal.create_job(), {}),
    "delete-job": Edit("provisioning", "Delete the provisioning job", lambda at, _: at.portal.delete_job(), {}),
    # Connectivity and settings
    "tenant-url": Edit(
        "connection", "Tenant URL", lambda at, new: at.portal.set_tenant_url(new["url"]),
        {"url": Field("Tenant URL", hint="https://localhost:8443/scim/v1/")},
    ),
    "token": Edit(
        "connection", "Secret token", lambda at, new: at.portal.set_secret_token(new["token"]),
        {"token": Field("Secret token", kind="secret", optional=True, hint="empty removes the saved token")},
    ),
    "issue-token": Edit(
        "connection", "Accept another token at the SCIM server too", lambda at, new: at.scim.accept_also(new["token"]),
        {"token": Field("Token", kind="secret", hint="the usual token stays valid")},
    ),
    "revoke-token": Edit(
        "connection", "Revoke the usual token at the SCIM server", lambda at, _: at.scim.revoke(DEFAULT_SCIM_TOKEN), {},
    ),
    "accept-token": Edit(
        "connection", "Accept the usual token alone at the SCIM server",
        lambda at, _: at.scim.accept_tokens([DEFAULT_SCIM_TOKEN]), {},
    ),
    "scope": Edit(
        "connection", "Scope", lambda at, new: at.portal.set_scope(new["scope"]),  # type: ignore[arg-type]
        {"scope": Field("Scope", ("all", "assigned"))},
    ),
    "notification-email": Edit(
        "connection", "Notification e-mail", lambda at, new: at.portal.set_notification_email(new["address"]),
        {"address": Field("Address", optional=True, hint="empty turns it off")},
    ),
    "deletion-threshold": Edit(
        "connection", "Prevent accidental deletion",
        lambda at, new: at.portal.set_deletion_threshold(int(new["threshold"]) if new["threshold"] else None),
        {"threshold": Field("Threshold", kind="number", optional=True, hint="empty turns it off")},
    ),
    "skip-deletions": Edit(
        "connection", "Skip out-of-scope deletions (Graph)",
        lambda at, new: at.portal.skip_out_of_scope_deletions(new["skip"] == "yes"),
        {"skip": Field("Skip", _YES_NO)},
    ),
    # Attribute mappings
    "add-mapping": Edit(
        "mappings", "Add a mapping", _add_mapping,
        {
            "of": _OF, "target": Field("Target attribute", hint="title"),
            "source": Field("Source", hint="[jobTitle]"),
            "precedence": Field("Matching precedence", kind="number", optional=True, hint="0: does not match"),
        },
    ),
    "remove-mapping": Edit("mappings", "Remove a mapping", _remove_mapping, {"of": _OF, "target": _TARGET}),
    "source": Edit(
        "mappings", "Change the source of a mapping", _set_source,
        {"of": _OF, "target": _TARGET, "source": Field("Source", hint="ToLower([mail], )")},
    ),
    "default-value": Edit(
        "mappings", "Default value if null",
        lambda at, new: at.portal.set_default(new["target"], new["value"] or None, kind=_kind(new)),
        {"of": _OF, "target": _TARGET, "value": Field("Default value", optional=True, hint="empty takes it away")},
    ),
    "apply": Edit(
        "mappings", "Apply this mapping", _set_apply,
        {"of": _OF, "target": _TARGET, "apply": Field("Apply", get_args(Apply))},
    ),
    "matching": Edit(
        "mappings", "Match objects using this attribute",
        lambda at, new: at.portal.set_matching_precedence(new["target"], int(new["precedence"]), kind=_kind(new)),
        {"of": _OF, "target": _TARGET,
         "precedence": Field("Matching precedence", kind="number", hint="0: does not match")},
    ),
    "scoping-filter": Edit(
        "mappings", "Source object scope",
        lambda at, new: at.portal.set_scoping_filter(new["filter"] or None, kind=_kind(new)),
        {"of": _OF, "filter": Field("Filter", optional=True, hint='department EQUALS "Retail"; empty lets all in')},
    ),
    "object-actions": Edit(
        "mappings", "Target object actions", _set_actions,
        {"of": _OF, "actions": Field("Actions", optional=True, hint="Add,Update,Delete or some of them")},
    ),
    "provision-groups": Edit(
        "mappings", "Provision groups",
        lambda at, new: at.portal.enable_groups() if new["provision"] == "on" else at.portal.disable_groups(),
        {"provision": Field("Provision groups", _ON_OFF)},
    ),
    "restore-mappings": Edit(
        "mappings", "Restore the default mappings", lambda at, _: at.portal.restore_default_mappings(), {},
    ),
    # Users, groups and assignments
    "assign": Edit(
        "people", "Assign a user or group", lambda at, new: at.portal.people.assign(new["name"]), {"name": _WHO},
    ),
    "unassign": Edit(
        "people", "Remove an assignment", lambda at, new: at.portal.people.unassign(new["name"]), {"name": _WHO},
    ),
    "user": Edit(
        "people", "Edit a user's property", _edit_user,
        {"user": _USER, "property": Field("Property, as Graph names it", hint="department"),
         "value": Field("Value", optional=True, hint="empty takes it away; true or false; lists with commas")},
    ),
    "add-user": Edit(
        "people", "Add a user",
        lambda at, new: at.portal.people.add_user(new["user"], displayName=new["name"]),
        {"user": _USER, "name": Field("Display name", hint="Adele Vance")},
    ),
    "delete-user": Edit(
        "people", "Delete a user", lambda at, new: at.portal.people.delete_user(new["user"]), {"user": _USER},
    ),
    "restore-user": Edit(
        "people", "Restore a deleted user", lambda at, new: at.portal.people.restore_user(new["user"]),
        {"user": _USER},
    ),
    "add-member": Edit(
        "people", "Add a member to a group",
        lambda at, new: at.portal.people.add_member(new["group"], new["member"]),
        {"group": _GROUP, "member": _WHO},
    ),
    "remove-member": Edit(
        "people", "Remove a member of a group",
        lambda at, new: at.portal.people.remove_member(new["group"], new["member"]),
        {"group": _GROUP, "member": _WHO},
    ),
}  # fmt: skip
"""The edits by name, in the order in which they are shown."""
