"""The rules of the policy pack: functions of what a stack declares. They need neither Pulumi nor a network.

Sources: Eptura's guide (what is documented), and what cannot be corrected after a first cycle (externalId).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

__all__ = ["RESOURCE_RULES", "STACK_RULES", "Resource", "ResourceRule", "StackRule"]

DEVELOPMENT_STACK = "dev"
"""The stack that may point to a machine, and may be deleted."""

SECRETS = "eptura-scim:index:SynchronizationSecrets"
SCHEMA = "eptura-scim:index:SynchronizationSchema"
JOB = "eptura-scim:index:SynchronizationJob"
JOB_STATE = "eptura-scim:index:SynchronizationJobState"
APPLICATION = "azuread:index/applicationFromTemplate:ApplicationFromTemplate"
PRINCIPAL = "azuread:index/servicePrincipal:ServicePrincipal"
ASSIGNMENT = "azuread:index/appRoleAssignment:AppRoleAssignment"
PROTECTED = (APPLICATION, PRINCIPAL, JOB, SECRETS, SCHEMA, JOB_STATE)

TARGETS = {
    "users": frozenset(
        {
            "userName",
            "active",
            'emails[type eq "work"].value',
            "name.givenName",
            "name.familyName",
            "externalId",
            'phoneNumbers[type eq "work"].value',
            'phoneNumbers[type eq "mobile"].value',
        }
    ),
    "groups": frozenset({"externalId", "displayName", "members"}),
}
"""The attributes that Eptura documents."""

_PLACEHOLDERS = ("localhost", "example", "your-eptura-scim-domain", "eptura-scim-domain")


@dataclass(frozen=True)
class Resource:
    """A resource as a stack declares it."""

    type: str
    name: str
    stack: str
    inputs: Mapping[str, Any]
    """Without values that are not known yet."""
    protected: bool = False
    urn: str = ""
    dependencies: frozenset[str] = field(default_factory=frozenset)
    """URNs. Rules of single resources do not see them."""

    @property
    def in_development(self) -> bool:
        """Whether it is in the stack dev."""
        return self.stack == DEVELOPMENT_STACK


@dataclass(frozen=True)
class ResourceRule:
    """A rule that looks at one resource. `check` yields a message for each violation."""

    name: str
    description: str
    check: Callable[[Resource], Iterable[str]]
    mandatory: bool = True


@dataclass(frozen=True)
class StackRule:
    """A rule that looks at all resources of a stack. `check` yields the violating resource and a message."""

    name: str
    description: str
    check: Callable[[Sequence[Resource]], Iterable[tuple[Resource, str]]]
    mandatory: bool = True


def _real_tenant_url(resource: Resource) -> Iterator[str]:
    url = resource.inputs.get("tenantUrl")
    if resource.type != SECRETS or not isinstance(url, str) or resource.in_development:
        return
    parts = urlsplit(url)
    if parts.scheme != "https":
        yield f"tenantUrl is {url}; it has to begin with https://"
    labels = (parts.hostname or "").lower().split(".")
    if any(label in _PLACEHOLDERS for label in labels) or labels[0] == "127":
        yield f"tenantUrl is {url}: this host is a placeholder or this machine. Set Eptura's own"


def _documented_targets(resource: Resource) -> Iterator[str]:
    if resource.type != SCHEMA:
        return
    for kind, documented in TARGETS.items():
        for target in sorted(set(resource.inputs.get(kind) or ()) - documented):
            yield f"{kind} maps {target}, which Eptura does not document"


def _external_id(resource: Resource) -> Iterator[str]:
    if resource.type != SCHEMA:
        return
    users = resource.inputs.get("users")
    if not isinstance(users, Mapping):
        return
    row = users.get("externalId")
    if not isinstance(row, Mapping):
        yield "users do not map externalId. Eptura never changes an externalId: map [objectId] before the first cycle"
        return
    if row.get("source", "[objectId]") != "[objectId]":
        yield f"users map externalId from {row['source']}; it has to be [objectId], since Eptura never changes one"
    if row.get("matchingPrecedence", 0):
        yield "users are matched by externalId; the guide matches them by userName alone"
    if row.get("apply", "Always") != "Always":
        yield f"externalId of users applies {row['apply']}; it has to be Always"


def _groups_by_id(resource: Resource) -> Iterator[str]:
    groups = resource.inputs.get("groups")
    if resource.type != SCHEMA or not isinstance(groups, Mapping) or not groups:
        return
    row = groups.get("externalId")
    if not isinstance(row, Mapping) or (row.get("source"), row.get("matchingPrecedence")) != ("[objectId]", 1):
        yield "groups are not matched by externalId from [objectId] first: a renamed group would be a second one"


def _protected(resource: Resource) -> Iterator[str]:
    if resource.type in PROTECTED and not resource.protected and not resource.in_development:
        yield "is not protected: a destroy would delete it, and its users' links. Set protect on"


def _threshold(resource: Resource) -> Iterator[str]:
    if resource.type != SECRETS or resource.in_development:
        return
    if resource.inputs.get("accidentalDeletionThreshold") is None:
        yield "no limit for accidental deletions is set: set accidentalDeletionThreshold"


def _notification(resource: Resource) -> Iterator[str]:
    if resource.type == SECRETS and not resource.in_development and not resource.inputs.get("notificationEmail"):
        yield "no person is told of a quarantine: set notificationEmail"


def _deletions_reach_eptura(resource: Resource) -> Iterator[str]:
    if resource.type == SECRETS and resource.inputs.get("skipOutOfScopeDeletions") is True:
        yield "users who leave the scope stay active at Eptura: skipOutOfScopeDeletions is on"


def _start_is_last(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    by_urn = {resource.urn: resource for resource in resources}
    for state in resources:
        if state.type != JOB_STATE or state.inputs.get("provisioningStatus") == "Off":
            continue
        needed = {by_urn[urn].type for urn in state.dependencies if urn in by_urn}
        for kind in (SECRETS, SCHEMA):
            if kind not in needed:
                name = kind.rpartition(":")[2]
                yield state, f"does not depend on a {name}: a first cycle could run with the template's mappings"


def _someone_is_assigned(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    if any(resource.type == ASSIGNMENT for resource in resources):
        return
    for resource in resources:
        if resource.type == SECRETS and resource.inputs.get("scope") == "assigned":
            yield resource, "the scope is assigned, and this stack assigns no user and no group"


def _one_application_of_a_name(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    seen: set[str] = set()
    for resource in resources:
        name = resource.inputs.get("displayName")
        if resource.type == APPLICATION and isinstance(name, str):
            if name in seen:
                yield resource, f"a second application of this stack is named {name}: they are easily confused"
            seen.add(name)


RESOURCE_RULES = (
    ResourceRule("real-tenant-url", "Outside dev the tenant URL is Eptura's own, by https.", _real_tenant_url),
    ResourceRule("documented-targets", "Only attributes that Eptura documents are mapped.", _documented_targets),
    ResourceRule("external-id", "externalId of users is [objectId], always, and not for matching.", _external_id),
    ResourceRule("groups-by-id", "Groups are matched by their object id first.", _groups_by_id),
    ResourceRule("protected", "Outside dev the application and its provisioning are protected.", _protected),
    ResourceRule("deletion-threshold", "Outside dev accidental deletions have a limit.", _threshold, mandatory=False),
    ResourceRule("notification-email", "Outside dev a person is told of failures.", _notification, mandatory=False),
    ResourceRule(
        "deletions-reach-eptura",
        "Users who leave the scope are deactivated at Eptura.",
        _deletions_reach_eptura,
        mandatory=False,
    ),
)

STACK_RULES = (
    StackRule("start-is-last", "Provisioning starts after connection and mappings.", _start_is_last),
    StackRule("someone-is-assigned", "The scope assigned has an assignment.", _someone_is_assigned, mandatory=False),
    StackRule("one-application-of-a-name", "No two applications have one name.", _one_application_of_a_name),
)
