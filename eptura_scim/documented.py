"""Eptura's documented configuration as data: "Configure SCIM provisioning for Microsoft Entra ID".

Each row names its step in the checklist (docs/checklist.md). Nothing else in the code repeats these values.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from eptura_scim.graph.gallery import NON_GALLERY_TEMPLATES
from eptura_scim.mapping import AttributeMapping, Mappings, ObjectActions
from eptura_scim.mapping.source import REFERENCES
from eptura_scim.phones import Phone, phone_source
from eptura_scim.types import Kind

__all__ = [
    "APPLICATION_NAME",
    "FEATURES",
    "GROUPS",
    "NON_GALLERY_TEMPLATES",
    "PHONES",
    "PROPERTIES",
    "SYNCHRONIZATION_TEMPLATE",
    "USERS",
    "GroupMatching",
    "GuideRow",
    "Phone",
    "mandatory_targets",
    "mappings",
]

GroupMatching = Literal["externalIdThenDisplayName", "externalIdOnly"]
"""The attributes by which existing groups at Eptura are found: the guide has displayName second, or not at all (C1)."""

APPLICATION_NAME = "EpturaScimApplication"  # S4
# Its template (S5) is that of graph.gallery: NON_GALLERY_TEMPLATES.
SYNCHRONIZATION_TEMPLATE = (
    "scim"  # S6; the label customappsso in the portal is the target's name, not the template (C6)
)

FEATURES = {"enterprise": True, "custom_single_sign_on": True}
"""The tags that the portal gives such an application; they make it show under Enterprise applications (S3)."""

PROPERTIES = {"account_enabled": True, "app_role_assignment_required": True}
"""What the portal gives such an application as Enabled for users to sign in and Assignment required (S5)."""


class GuideRow(NamedTuple):
    """One line of the Attribute Mapping table."""

    target: str
    source: str
    matching_precedence: int
    step: str


# Apply this mapping is Always and Default value if null is blank in every row: S27, S30 say so of externalId,
# the others keep the template's (C3).
USERS = (
    GuideRow("userName", "[userPrincipalName]", 1, "S14, C4"),
    GuideRow("active", 'Switch([IsSoftDeleted], , "False", "True", "True", "False")', 0, "S15"),
    GuideRow('emails[type eq "work"].value', "[mail]", 0, "S16"),
    GuideRow("name.givenName", "[givenName]", 0, "S17"),
    GuideRow("name.familyName", "[surname]", 0, "S18"),
    GuideRow("externalId", "[objectId]", 0, "S19, S25-S30"),
)

PHONES = {
    "work": GuideRow('phoneNumbers[type eq "work"].value', "[telephoneNumber]", 0, "S20"),
    "mobile": GuideRow('phoneNumbers[type eq "mobile"].value', "[mobile]", 0, "S21"),
}

GROUPS = (
    GuideRow("externalId", "[objectId]", 1, "S35, S36"),
    GuideRow("displayName", "[displayName]", 2, "S34, S38, C1"),
    GuideRow("members", "[members]", 0, "C8"),
)


def mappings(
    *,
    phone_work: Phone = "off",
    phone_mobile: Phone = "off",
    group_matching: GroupMatching = "externalIdThenDisplayName",
    user_filter: str | None = None,
    group_filter: str | None = None,
    user_actions: ObjectActions | None = None,
    group_actions: ObjectActions | None = None,
) -> Mappings:
    """The attribute mappings of the documented configuration with the options that it leaves open.

    The guide names no scoping filter and no target object action: all users are in scope, and all actions are on.
    """
    users = {row.target: _mapping(row) for row in USERS}
    for row, mode in ((PHONES["work"], phone_work), (PHONES["mobile"], phone_mobile)):
        if mode != "off":
            users[row.target] = _mapping(row._replace(source=phone_source(mode, row.source)))
    groups = {row.target: _mapping(row) for row in GROUPS}
    if group_matching == "externalIdOnly":
        groups["displayName"] = groups["displayName"].model_copy(update={"matching_precedence": 0})
    return Mappings(
        users=users,
        groups=groups,
        provision_users=True,  # S12
        provision_groups=True,  # S33
        user_filter=user_filter,
        group_filter=group_filter,
        user_actions=user_actions or ObjectActions(),
        group_actions=group_actions or ObjectActions(),
    )


def _mapping(row: GuideRow) -> AttributeMapping:
    return AttributeMapping(source=row.source, matching_precedence=row.matching_precedence)


def mandatory_targets(kind: Kind) -> tuple[str, ...]:
    """The target attributes that the guide calls mandatory for users (S14-S19); for groups those that it names and
    that identify a group (S34-S38)."""
    rows = USERS if kind == "User" else GROUPS
    return tuple(row.target for row in rows if row.target not in REFERENCES)
