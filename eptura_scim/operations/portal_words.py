"""The settings of the program's resources in the words of the portal and of Eptura's guide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from eptura_scim import documented

__all__ = ["A_TOKEN", "NOT_SET", "PLACES", "Words", "shown", "words"]

NOT_SET = "(not set)"
A_TOKEN = "a token"  # noqa: S105  (a word)
"""What is shown in place of a token's fingerprint."""

_STATE = "Pulumi state, not Entra"

PLACES: Mapping[str, str] = {
    "EpturaScimProvisioning": _STATE,
    "ApplicationFromTemplate": "App registration",
    "ServicePrincipal": "Enterprise application > Properties",
    "EnterpriseApplicationName": "Enterprise application > Properties",
    "AppRoleAssignment": "Enterprise application > Users and groups",
    "SynchronizationJob": "Provisioning",
    "SynchronizationSecrets": "Provisioning > Admin Credentials",
    "SynchronizationSchema": "Provisioning > Mappings",
    "SynchronizationJobState": "Provisioning",
}
"""The page of the portal that a resource stands for, by the resource's type."""

_USERS, _GROUPS = "Provision Microsoft Entra ID Users", "Provision Microsoft Entra ID Groups"


class Words(NamedTuple):
    """Where a setting is, and what it is called."""

    place: str
    """The portal's page."""
    setting: str
    step: str = ""
    """The line of the guide in docs/checklist.md."""


_SETTINGS: Mapping[tuple[str, str], Words] = {
    ("ServicePrincipal", "accountEnabled"): Words(PLACES["ServicePrincipal"], "Enabled for users to sign in?", "S5"),
    ("ServicePrincipal", "appRoleAssignmentRequired"): Words(PLACES["ServicePrincipal"], "Assignment required?", "S5"),
    ("ServicePrincipal", "notes"): Words(PLACES["ServicePrincipal"], "Notes"),
    ("ServicePrincipal", "owners"): Words("Enterprise application > Owners", "Owners"),
    ("ServicePrincipal", "useExisting"): Words(_STATE, "useExisting: the application was taken over"),
    ("EnterpriseApplicationName", "displayName"): Words(PLACES["EnterpriseApplicationName"], "Name", "S4"),
    ("ApplicationFromTemplate", "displayName"): Words("App registration > Branding", "Name", "S4"),
    ("SynchronizationSecrets", "tenantUrl"): Words(PLACES["SynchronizationSecrets"], "Tenant URL", "S8"),
    ("SynchronizationSecrets", "secretTokenFingerprint"): Words(PLACES["SynchronizationSecrets"], "Secret Token", "S9"),
    ("SynchronizationSecrets", "scope"): Words("Provisioning > Settings", "Scope", "S41"),
    ("SynchronizationSecrets", "notificationEmail"): Words("Provisioning > Settings", "Notification Email"),
    ("SynchronizationSecrets", "accidentalDeletionThreshold"): Words(
        "Provisioning > Settings", "Accidental deletion threshold"
    ),
    ("SynchronizationSecrets", "skipOutOfScopeDeletions"): Words(
        "not in the portal", "Skip deletions of users who leave the scope"
    ),
    ("SynchronizationJobState", "provisioningStatus"): Words("Provisioning", "Provisioning Status", "S42"),
    ("SynchronizationJobState", "otherJobs"): Words("Provisioning", "Other provisioning jobs", "S7"),
    ("SynchronizationSchema", "provisionUsers"): Words(f"Mappings > {_USERS}", "Enabled", "S12"),
    ("SynchronizationSchema", "provisionGroups"): Words(f"Mappings > {_GROUPS}", "Enabled", "S33"),
    ("SynchronizationSchema", "userFilter"): Words(f"Mappings > {_USERS}", "Source Object Scope"),
    ("SynchronizationSchema", "groupFilter"): Words(f"Mappings > {_GROUPS}", "Source Object Scope"),
    ("SynchronizationSchema", "furtherMappings"): Words("not in the portal", "Further mappings of users or groups"),
}

_FIELDS = {
    "source": "Source attribute or expression",
    "defaultValue": "Default value if null",
    "matchingPrecedence": "Matching precedence",
    "apply": "Apply this mapping",
    "flowBehavior": "Flow behavior (not in the portal)",
}
_STEPS: Mapping[tuple[str, ...], str] = {
    ("users", "externalId", "source"): "S25, S26",
    ("users", "externalId", "defaultValue"): "S27",
    ("users", "externalId", "matchingPrecedence"): "S29",
    ("users", "externalId", "apply"): "S30",
}
_ROWS = {
    "users": {row.target: row.step for row in (*documented.USERS, *documented.PHONES.values())},
    "groups": {row.target: row.step for row in documented.GROUPS},
}
_SCOPES = {"all": "Sync all users and groups", "assigned": "Sync only assigned users and groups"}
_APPLY = {
    "Always": "Always",
    "ObjectAddOnly": "Only during object creation",
    "ValueAddOnly": "Only when the value is added (not in the portal)",
    "MultiValueAddOnly": "Only when a value of several is added (not in the portal)",
    "AttributeAddOnly": "Only when the attribute is added (not in the portal)",
}


def words(resource: str, path: Sequence[str]) -> Words:
    """The words for a setting, by its resource's type and its path; the path itself without known words."""
    if not path:
        return Words(PLACES.get(resource, resource), "the whole of it")
    if resource == "SynchronizationSchema" and path[0] in _ROWS and len(path) > 1:
        return _mapping(path)
    if resource == "SynchronizationSchema" and path[0] in {"userActions", "groupActions"}:
        kind = _USERS if path[0] == "userActions" else _GROUPS
        action = path[1].capitalize() if len(path) > 1 else "all of them"
        return Words(f"Mappings > {kind}", f"Target Object Actions: {action}")
    if resource == "ServicePrincipal" and path[0] == "featureTags":
        return Words(PLACES[resource], "Hidden from users?" if path[-1] == "hide" else f"Feature {path[-1]}", "S3")
    return _SETTINGS.get((resource, path[0]), Words(PLACES.get(resource, resource), ".".join(path)))


def shown(resource: str, path: Sequence[str], value: object) -> str:
    """A value as the portal shows it."""
    if value is None:
        return NOT_SET
    last = path[-1] if path else ""
    special: dict[str, Callable[[Any], str]] = {
        "scope": lambda text: _SCOPES.get(str(text), str(text)),
        "apply": lambda text: _APPLY.get(str(text), str(text)),
        "matchingPrecedence": lambda number: str(number) if number else "not matched",
        "secretTokenFingerprint": lambda text: A_TOKEN if str(text).startswith(("v1.", "imported")) else str(text),
    }
    if last in special:
        return special[last](value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        return _row(value) if "source" in value or "defaultValue" in value else _pairs(value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "(empty)"
    return str(value)


def _mapping(path: Sequence[str]) -> Words:
    kind, target, *field = path
    place = f"Mappings > {_USERS if kind == 'users' else _GROUPS}"
    step = _STEPS.get((kind, target, *field[:1]), "") or _ROWS[kind].get(target, "S23" if kind == "users" else "")
    what = _FIELDS.get(field[0], field[0]) if field else "the mapping"
    return Words(place, f"{target}: {what}", step)


def _row(mapping: Mapping[str, Any]) -> str:
    """A mapping in one line: its source, and what is not as usual."""
    parts = [str(mapping.get("source") or "no source")]
    if default := mapping.get("defaultValue"):
        parts.append(f"default {default}")
    if precedence := mapping.get("matchingPrecedence"):
        parts.append(f"matching precedence {precedence}")
    if (apply := mapping.get("apply", "Always")) != "Always":
        parts.append(_APPLY.get(apply, apply))
    return ", ".join(parts)


def _pairs(value: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {shown('', (name,), item)}" for name, item in value.items())
