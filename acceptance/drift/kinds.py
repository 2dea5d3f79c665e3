"""The kinds of edits that people make in the portal or with Graph, and what a preview has to name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from eptura_scim.local_entra.tenant import DEFAULT_SCIM_TOKEN

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

__all__ = ["DRIFT", "NOT_OURS", "EditKind"]

_WORK_MAIL = 'emails[type eq "work"].value'
_WORK_MAIL_PATH = r'users["emails[type eq \"work\"].value"]'
_PORTAL, _GRAPH = "portal", "Graph"

_OWN_ATTRIBUTE = "urn:ietf:params:scim:schemas:extension:Own:2.0:Group:floor"

_ALL = (
    "ApplicationFromTemplate",
    "EnterpriseApplicationName",
    "ServicePrincipal",
    "SynchronizationJob",
    "SynchronizationJobState",
    "SynchronizationSchema",
    "SynchronizationSecrets",
)

Drift = Mapping[str, list[str]]

_JOB: Drift = {resource: ["(create)"] for resource in _ALL if resource.startswith("Synchronization")}


def _documented(_: LocalEntra) -> Mapping[str, str]:
    return {}


def _assigned(entra: LocalEntra) -> Mapping[str, str]:
    user = entra.portal.people.add_user("adele@contoso.example", displayName="Adele")
    group = entra.portal.people.add_group("Eptura", "adele@contoso.example")
    return {"scope": "assigned", "assignedUsers": user, "assignedGroups": group}


def _noted(_: LocalEntra) -> Mapping[str, str]:
    return {"notes": "run by operations"}


@dataclass(frozen=True)
class EditKind:
    """One kind of edit."""

    area: str
    """Where in the portal, or of what object."""
    sentence: str
    """What the administrator does."""
    make: Callable[[LocalEntra], object]
    drift: Drift = field(default_factory=dict)
    """The paths that a preview names, by resource; empty where the edit is not drift."""
    stack: Callable[[LocalEntra], Mapping[str, str]] = _documented
    """Makes what the stack needs in the tenant, and gives its settings beyond the defaults."""
    remedy: Callable[[LocalEntra], object] = lambda _: None
    """What has to be done by hand before an up can repair it."""
    note: str = ""


def _mappings(sentence: str, make: Callable[[LocalEntra], object], *paths: str) -> EditKind:
    return EditKind("attribute mappings", sentence, make, {"SynchronizationSchema": sorted(paths)})


def _connection(sentence: str, make: Callable[[LocalEntra], object], path: str) -> EditKind:
    return EditKind("connectivity and settings", sentence, make, {"SynchronizationSecrets": [path]})


def _evaluated(sentence: str, make: Callable[[LocalEntra], object], path: str) -> EditKind:
    """A setting by which all users are evaluated: its repair pauses and restarts provisioning."""
    drift = {"SynchronizationSecrets": [path], "SynchronizationJobState": ["provisioningStatus"]}
    return EditKind("connectivity and settings", sentence, make, drift, note="`up` pauses provisioning and restarts it")


def _properties(sentence: str, make: Callable[[LocalEntra], object], drift: Drift) -> EditKind:
    return EditKind("properties", sentence, make, drift)


def _start_a_second_job(entra: LocalEntra) -> None:
    entra.portal.at(entra.portal.create_job()).start()


def _map_groups_to_a_custom_attribute(entra: LocalEntra) -> None:
    entra.portal.add_custom_attribute(_OWN_ATTRIBUTE, kind="Group")
    entra.portal.add_group_mapping(_OWN_ATTRIBUTE, "[mailNickname]")


def _assign_another(entra: LocalEntra) -> None:
    entra.portal.people.add_user("diego@contoso.example", displayName="Diego")
    entra.portal.people.assign("diego@contoso.example")


def _restore(entra: LocalEntra, jobs: Literal["kept", "disabled", "gone"]) -> None:
    entra.switches.restored_jobs = jobs
    entra.portal.delete_application()
    entra.portal.restore_application()
    entra.switches.restored_jobs = "kept"


DRIFT = (
    _properties(
        "renames the enterprise application",
        lambda entra: entra.portal.rename("Old Eptura"),
        {"EnterpriseApplicationName": ["displayName"]},
    ),
    _properties(
        "forbids users to sign in",
        lambda entra: entra.portal.disable_sign_in(),
        {"ServicePrincipal": ["accountEnabled"]},
    ),
    _properties(
        "lets in who is not assigned",
        lambda entra: entra.portal.require_assignment(False),
        {"ServicePrincipal": ["appRoleAssignmentRequired"]},
    ),
    _properties(
        "hides it from its users", lambda entra: entra.portal.hide(), {"ServicePrincipal": ["featureTags[0].hide"]}
    ),
    EditKind(
        "properties",
        "edits the notes, where `notes` is set",
        lambda entra: entra.portal.set_notes("ask Adele"),
        {"ServicePrincipal": ["notes"]},
        stack=_noted,
    ),
    EditKind(
        "users and groups",
        "removes the assignment of a group, where `assignedGroups` is set",
        lambda entra: entra.portal.people.unassign("Eptura"),
        {"AppRoleAssignment": ["(create)"]},
        stack=_assigned,
    ),
    _evaluated(
        "enters another tenant URL",
        lambda entra: entra.portal.set_tenant_url("https://localhost:1/scim/v1/"),
        "tenantUrl",
    ),
    _evaluated(
        "appends a feature flag to the tenant URL",
        lambda entra: entra.portal.set_tenant_url(f"{entra.scim.url}?aadOptscim062020"),
        "tenantUrl",
    ),
    _connection(
        "overwrites the secret token",
        lambda entra: entra.portal.set_secret_token("another-token"),
        "secretTokenFingerprint",
    ),
    _connection("removes the secret token", lambda entra: entra.portal.set_secret_token(""), "secretTokenFingerprint"),
    EditKind(
        "connectivity and settings",
        "revokes the token at Eptura",
        lambda entra: entra.scim.accept_tokens(["a-newer-token"]),
        {"SynchronizationSecrets": ["secretTokenFingerprint"]},
        remedy=lambda entra: entra.scim.accept_tokens([DEFAULT_SCIM_TOKEN]),
        note="`up` refuses it: a token that Eptura accepts has to be configured, or accepted again, first",
    ),
    _evaluated("narrows the scope", lambda entra: entra.portal.set_scope("assigned"), "scope"),
    _connection(
        "has failures mailed",
        lambda entra: entra.portal.set_notification_email("somebody@example.com"),
        "notificationEmail",
    ),
    _connection(
        "sets an accidental deletion threshold",
        lambda entra: entra.portal.set_deletion_threshold(9),
        "accidentalDeletionThreshold",
    ),
    _evaluated(
        "keeps users who leave the scope (Graph)",
        lambda entra: entra.portal.skip_out_of_scope_deletions(),
        "skipOutOfScopeDeletions",
    ),
    _mappings(
        "adds a mapping of users",
        lambda entra: entra.portal.add_user_mapping("title", "[jobTitle]"),
        "users.title",
    ),
    _mappings(
        "removes a mapping of users",
        lambda entra: entra.portal.remove_user_mapping(_WORK_MAIL),
        _WORK_MAIL_PATH,
    ),
    _mappings(
        "takes another source attribute",
        lambda entra: entra.portal.set_user_source("externalId", "[mailNickname]"),
        "users.externalId.source",
    ),
    _mappings(
        "takes a constant",
        lambda entra: entra.portal.set_user_source("name.familyName", '"unknown"'),
        r'users["name.familyName"].source',
    ),
    _mappings(
        "takes an expression",
        lambda entra: entra.portal.set_user_source("userName", "ToLower([userPrincipalName], )"),
        "users.userName.source",
    ),
    _mappings(
        "changes an expression",
        lambda entra: entra.portal.set_user_source("active", 'Switch([IsSoftDeleted], , "False", "True")'),
        "users.active.source",
    ),
    _mappings(
        "sets a default value if null",
        lambda entra: entra.portal.set_default(_WORK_MAIL, "nobody@example.com"),
        f"{_WORK_MAIL_PATH}.defaultValue",
    ),
    _mappings(
        "matches users by one more attribute",
        lambda entra: entra.portal.set_matching_precedence("externalId", 2),
        "users.externalId.matchingPrecedence",
    ),
    _mappings(
        "matches users by userName no longer",
        lambda entra: entra.portal.set_matching_precedence("userName", 0),
        "users.userName.matchingPrecedence",
    ),
    _mappings(
        "applies a mapping only during object creation",
        lambda entra: entra.portal.set_apply("externalId", "ObjectAddOnly"),
        "users.externalId.apply",
    ),
    _mappings(
        "lets a value flow always (schema editor)",
        lambda entra: entra.portal.set_flow_behavior("active", "FlowAlways"),
        "users.active.flowBehavior",
    ),
    _mappings(
        "filters the users in scope",
        lambda entra: entra.portal.set_scoping_filter('department EQUALS "sales"'),
        "userFilter",
    ),
    _mappings("creates no users", lambda entra: entra.portal.set_object_actions("Update,Delete"), "userActions.create"),
    _mappings("updates no users", lambda entra: entra.portal.set_object_actions("Add,Delete"), "userActions.update"),
    _mappings("disables no users", lambda entra: entra.portal.set_object_actions("Add,Update"), "userActions.delete"),
    _mappings(
        "adds a mapping of groups, to a custom attribute",
        _map_groups_to_a_custom_attribute,
        f'groups["{_OWN_ATTRIBUTE}"]',
    ),
    _mappings(
        "removes a mapping of groups", lambda entra: entra.portal.remove_group_mapping("members"), "groups.members"
    ),
    _mappings(
        "takes another source for groups",
        lambda entra: entra.portal.set_group_source("displayName", "[mailNickname]"),
        "groups.displayName.source",
    ),
    _mappings(
        "sets a default value for groups",
        lambda entra: entra.portal.set_default("displayName", "nameless", kind="Group"),
        "groups.displayName.defaultValue",
    ),
    _mappings(
        "applies a mapping of groups only during object creation",
        lambda entra: entra.portal.set_apply("displayName", "ObjectAddOnly", kind="Group"),
        "groups.displayName.apply",
    ),
    _mappings(
        "swaps the matching precedences of groups",
        lambda entra: entra.portal.swap_group_matching(),
        "groups.displayName.matchingPrecedence",
        "groups.externalId.matchingPrecedence",
    ),
    _mappings(
        "filters the groups in scope",
        lambda entra: entra.portal.set_scoping_filter("displayName IS NOT NULL", kind="Group"),
        "groupFilter",
    ),
    _mappings(
        "deletes no groups",
        lambda entra: entra.portal.set_object_actions("Add,Update", kind="Group"),
        "groupActions.delete",
    ),
    _mappings(
        "adds a second rule of users (Graph)",
        lambda entra: entra.portal.copy_rule("USERGROUP_OUTBOUND_SECOND"),
        "furtherMappings",
    ),
    _mappings("disables groups", lambda entra: entra.portal.disable_groups(), "provisionGroups"),
    EditKind(
        "provisioning",
        "stops provisioning",
        lambda entra: entra.portal.stop(),
        {"SynchronizationJobState": ["provisioningStatus"]},
    ),
    EditKind(
        "provisioning",
        "lets it run into quarantine",
        lambda entra: entra.portal.quarantine(),
        {"SynchronizationJobState": ["provisioningStatus"]},
        note="`eptura-scim status` says why, and what to do first",
    ),
    EditKind(
        "provisioning",
        "adds a second job and starts it",
        _start_a_second_job,
        {"SynchronizationJobState": ["otherJobs"]},
        note="`up` pauses the second job, and deletes it where `deleteOtherJobs` is on",
    ),
    EditKind(
        "provisioning",
        "deletes the job",
        lambda entra: entra.portal.delete_job(),
        _JOB,
        note="the job is made again with all that belongs to it, and starts last",
    ),
    EditKind(
        "enterprise applications",
        "deletes the service principal",
        lambda entra: entra.portal.delete_service_principal(),
        {resource: ["(create)"] for resource in _ALL[1:]},
    ),
    EditKind(
        "app registrations",
        "deletes and restores the application, and Entra has stopped its job",
        lambda entra: _restore(entra, "disabled"),
        {"SynchronizationJobState": ["provisioningStatus"]},
    ),
    EditKind(
        "app registrations",
        "deletes and restores the application, and Entra has dropped its job",
        lambda entra: _restore(entra, "gone"),
        _JOB,
    ),
    EditKind(
        "app registrations",
        "deletes the application",
        lambda entra: entra.portal.delete_application(),
        {resource: ["(create)"] for resource in _ALL},
        note="all of it is created again, and starts last",
    ),
)

NOT_OURS = (
    EditKind(
        "attribute mappings",
        "writes the schema in other words and another order",
        lambda entra: entra.portal.reformat(),
    ),
    EditKind(
        "attribute mappings",
        "adds a custom attribute to the directory definition",
        lambda entra: entra.portal.add_custom_attribute("urn:ietf:params:scim:schemas:extension:Own:2.0:User:floor"),
    ),
    EditKind(
        "attribute mappings",
        "writes an expression with other blanks",
        lambda entra: entra.portal.set_user_source(
            "active", 'Switch( [IsSoftDeleted],,"False","True","True","False" )'
        ),
    ),
    EditKind("attribute mappings", "empties a default value", lambda entra: entra.portal.set_default("userName", "")),
    EditKind(
        "single sign-on",
        "sets single sign-on up",
        lambda entra: entra.portal.set_single_sign_on("saml", "https://eptura.example/login"),
    ),
    EditKind("properties", "writes notes, where `notes` is not set", lambda entra: entra.portal.set_notes("ask Adele")),
    EditKind(
        "users and groups",
        "assigns another user",
        _assign_another,
    ),
    EditKind(
        "app registrations",
        "deletes and restores the application, and its job comes back with it",
        lambda entra: _restore(entra, "kept"),
    ),
    EditKind(
        "other applications", "adds another application", lambda entra: entra.portal.create_application("Another")
    ),
)
