"""Live state as settings: what they can say of it, and nothing that is the default anyway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlsplit

from eptura_scim import documented
from eptura_scim.adoption.live import Live, LiveProvisioning
from eptura_scim.documented import GroupMatching, Phone
from eptura_scim.mapping import AttributeMapping, Mappings, ObjectActions, same_source
from eptura_scim.settings import Settings, SettingsError, settings_of_texts

__all__ = ["phone_mode", "same_mapping", "settings_for", "settings_of"]

# Settings are checked one by one; these two have no default.
_REQUIRED = {"tenantUrl": "https://not.known/scim/v1/", "secretToken": "not-known"}


def settings_of(live: Live) -> dict[str, str]:
    """The settings, as texts, that say what is live; those at their default and those that cannot say it are left out.

    The token cannot be read. Owners and notes stay with who set them.
    """
    found = {"applicationName": live.candidate.application.display_name}
    if live.provisioning is not None:
        found |= _provisioning(live.provisioning)
    for kind, name in (("User", "assignedUsers"), ("Group", "assignedGroups")):
        found[name] = ",".join(one.principal_id for one in live.assignments if one.principal_type == kind)
    return {name: text for name, text in found.items() if text and _says_something(name, text)}


def settings_for(values: Mapping[str, str], token: str | None = None) -> Settings:
    """Settings as they will be. Raises SettingsError; a missing tenant URL or token is not an error."""
    known = {name: text for name, text in values.items() if text and name != "secretToken"}
    return settings_of_texts(
        {**_REQUIRED, **known, **({} if token is None else {"secretToken": token})}, {"secretToken"}
    )


def _provisioning(live: LiveProvisioning) -> dict[str, str]:
    secrets, schema = live.secrets, live.schema
    return {
        "tenantUrl": _tenant_url(secrets.tenant_url),
        "phoneWork": phone_mode(schema, "work"),
        "phoneMobile": phone_mode(schema, "mobile"),
        "groupMatching": _group_matching(schema),
        "scope": secrets.scope,
        "userFilter": schema.user_filter or "",
        "groupFilter": schema.group_filter or "",
        "userActions": _actions(schema.user_actions),
        "groupActions": _actions(schema.group_actions),
        "skipOutOfScopeDeletions": "on" if secrets.skip_out_of_scope_deletions else "off",
        "provisioning": "off" if live.state.provisioning_status == "Off" else "on",
        "notificationEmail": secrets.notification_email or "",
        "accidentalDeletionThreshold": str(secrets.accidental_deletion_threshold or "off"),
    }


def _says_something(name: str, text: str) -> bool:
    """Whether a setting accepts the text, and whether that is another thing than its default."""
    try:
        return settings_for({name: text}) != settings_for({})
    except SettingsError:
        return False


def _tenant_url(url: str) -> str:
    """The address as the setting wants it: a slash at its end, no flag for Entra (`?aadOptscim062020`)."""
    parts = urlsplit(url)
    plain = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"
    return next((text for text in (url, plain) if _says_something("tenantUrl", text)), "")


def phone_mode(live: Mappings, kind: str) -> str:
    """How telephone numbers are sent, as far as a mode says exactly that; `kind` is `work` or `mobile`."""
    target = documented.PHONES[kind].target
    for mode in get_args(Phone):
        wanted = documented.mappings(**{f"phone_{kind}": mode}).users.get(target)
        if same_mapping(live.users.get(target), wanted):
            return str(mode)
    return ""


def _group_matching(live: Mappings) -> str:
    for choice in get_args(GroupMatching):
        if same_mapping(
            live.groups.get("displayName"), documented.mappings(group_matching=choice).groups["displayName"]
        ):
            return str(choice)
    return ""


def same_mapping(one: AttributeMapping | None, other: AttributeMapping | None) -> bool:
    """Whether two mappings, or none and none, mean the same; sources are compared by what they mean."""
    if one is None or other is None:
        return one is other
    without: dict[str, Any] = {"source": None}
    return same_source(one.source, other.source) and (
        one.model_copy(update=without) == other.model_copy(update=without)
    )


def _actions(live: ObjectActions) -> str:
    return ",".join(name for name in ObjectActions.model_fields if getattr(live, name))
