"""What Microsoft documents nowhere: the local Entra can behave either way, and tests run both ways."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["Switches"]


class Switches(BaseModel):
    """Behaviour that is a choice, not a fact. Fields may be changed while the local Entra runs."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")

    secrets_put: Literal["replace", "merge"] = "replace"
    """Whether a PUT of secrets drops the keys that it does not name.

    Undocumented. "Skip deletion of user accounts that go out of scope" tells to GET all keys, add one, enter the
    password again and PUT all, which fits replacement."""

    secrets_put_masked: Literal["written", "kept"] = "written"
    """Whether the value `*`, PUT back as GET showed it, overwrites the secret or leaves it.

    Undocumented; the same page has the password entered again, so `*` is not expected to work."""

    state_after_pause: Literal["Paused", "Disabled"] = "Paused"
    """`schedule.state` of a job after pause. Undocumented."""

    fresh_job_code: Literal["Paused", "NotConfigured"] = "Paused"
    """`status.code` of a new job. Published real answers show Paused, the reference's sample NotConfigured."""

    start_without_credentials: Literal["quarantine", "refused"] = "quarantine"
    """What start does when no credentials are saved. Undocumented.

    `quarantine`: 204, and the first cycle ends in quarantine. The azuread provider's acceptance tests start jobs
    without credentials; published output shows a gallery app with a bad tenant URL that ended so. `refused`: 400."""

    restart_of_paused: Literal["stays paused", "starts"] = "stays paused"
    """Whether a restart starts a job that is paused. "Restart a stopped synchronization job" (Microsoft Graph,
    synchronizationJob: restart) can be read either way."""

    validate_failure: Literal["unavailable", "invalid_credentials"] = "unavailable"
    """Body of a failed validateCredentials; its status is 400 (reported by users, bitwarden/server#7309).

    `unavailable`: code CredentialValidationUnavailable, as that report. `invalid_credentials`: the code that a
    quarantined job shows, SystemForCrossDomainIdentityManagementInvalidCredentials."""

    schema_checks_attributes: bool = True
    """Whether a schema PUT is refused when a mapping's attribute is not in the directory definitions.

    "They have to be defined as part of the directory definition" is documented; the refusal (code SchemaInvalid) is
    reported by users for source attributes in the wrong case (azure-docs#58604)."""

    schema_expression_only: Literal["accepted", "refused"] = "refused"
    """Whether a source with an expression and no parsed tree (name, type) is accepted. Undocumented."""

    schema_stale_version: Literal["accepted", "refused"] = "accepted"
    """Whether a schema PUT with an outdated `version` is accepted or answered with 409. Undocumented."""

    group_mapping_enabled: bool = False
    """Whether the group mapping of a new job is enabled. Undocumented for the `scim` template.

    The vendor's guide has a step that enables it; a published schema of a gallery app has it enabled."""

    # Cycles

    scope_when_unset: Literal["assigned", "all"] = "assigned"
    """The scope while the secret SyncAll was never set. Undocumented; the portal always sets it."""

    lost_target: Literal["escrowed", "matched again"] = "escrowed"
    """What an incremental cycle does with an object whose counterpart was deleted in the target.

    The provisioning logs' table has InvalidAnchor for it, "to force a new matching … restart the job"; implementers of
    SCIM servers report that it is created again."""

    group_out_of_scope: Literal["deleted", "left"] = "deleted"
    """What becomes of a group that leaves the scope: it has no `active`. Undocumented for groups.

    "Groups evaluated for deletion count towards the deletion threshold" (accidental deletions)."""

    group_creation_schemas: Literal["core", "documented"] = "core"
    """Whether a group's creation names Microsoft's own schema beside the core one.

    The page on SCIM endpoints still shows it; the page on compliance calls it fixed for jobs of the template scim."""

    nested_group_members: Literal["skipped", "sent"] = "sent"
    """Whether a provisioned group that is a member of a group is sent as one.

    A developer at Microsoft says that it is, in one PATCH (AzureAD-BYOA-Provisioning-Samples#26). Documented is that
    the members of nested groups are not read, not what becomes of the membership. Eptura has no groups in groups: it
    refuses the whole PATCH."""

    reference_retries: Literal["when it exists", "backoff"] = "when it exists"
    """When a member that could not be provisioned is added to its group: in the cycle that provisions it, or when the
    group's failure is tried again, up to hours later. Undocumented; "users first, then their memberships"."""

    case_only_changes: Literal["sent", "ignored"] = "sent"
    """Whether a value that differs from the target's in case alone is written. `caseExact` of the attribute definition
    is said to decide; what it is for customappsso is published nowhere."""

    matching_special_characters: Literal["sent", "failed"] = "failed"
    """Whether an object whose matching value has special characters is looked for, or fails.

    It fails (known issues: filter queries cannot have values with special characters); which characters is
    undocumented: here those with a meaning in a filter or a URL."""

    escrow_retries: Literal["backoff", "each cycle"] = "backoff"
    """When a failed object is tried again: after 6, 12, 24, 48 … hours (quarantine page), or "in the next sync cycle"
    (how provisioning works). Failures that the logs' table calls "automatically retried in 40 minutes" always are."""

    first_quarantine_attempt: Literal["6 hours", "5 minutes"] = "6 hours"
    """When a quarantined job is first tried again: as documented, or as a published job shows (old Graph API page)."""

    initial_escrow_threshold: Literal["quarantine", "pruned"] = "quarantine"
    """What an initial cycle with too many failures leads to: quarantine (quarantine page), or the failures are
    forgotten and the job is paused (`escrowsPruned` of synchronizationStatus)."""

    provision_on_demand_key: Literal["result", "status info"] = "result"
    """What provisionOnDemand answers: the reference's sample, or the one of cross-tenant synchronization, whose key is
    the name of a type and whose value is a list."""

    # Applications and people

    template_app_roles: bool = True
    """Whether what the non-gallery template makes has the app roles User and msiam_access.

    Microsoft's page on app role claims says that it has, and published output shows it; the reference's sample of
    instantiate, which is of no particular template, has none."""

    default_access_beside_roles: Literal["refused", "accepted"] = "refused"
    """Whether people can be assigned to an application without a role when it declares roles.

    The reference gives default access for applications that declare none and leaves the others open."""

    restored_jobs: Literal["kept", "disabled", "gone"] = "kept"
    """What becomes of synchronization jobs when a service principal comes back from the recycle bin.

    Undocumented. "Previous configurations" are recovered, says Microsoft, "except policies"."""

    read_only_validates: Literal["refused", "allowed"] = "refused"
    """Whether Synchronization.Read.All suffices for validateCredentials. Undocumented."""

    application_permissions_synchronize: Literal["refused", "allowed"] = "refused"
    """Whether Application.ReadWrite.All (to read: Application.Read.All) suffices for the synchronization API.

    The overview page lists it, the tables of the pages on methods have Application.ReadWrite.OwnedBy and the
    Synchronization permissions only."""

    # The SCIM server: what Eptura documents, and what it leaves open

    scim_server: Literal["eptura", "strict"] = "eptura"
    """Whether the SCIM server has Eptura's rules and takes Entra's dialect, or is scim2-server by the RFCs alone."""

    eptura_external_id_change: Literal["refused", "ignored"] = "refused"
    """What happens to a request that changes a user's externalId: 400 mutability, or everything else is done.

    Documented is only that it "cannot be updated"."""

    eptura_group_external_id: Literal["filterable", "refused"] = "filterable"
    """Whether groups can be found by externalId. Documented is only the filter by displayName.

    The guide matches groups by externalId first, and Microsoft asks that a matching attribute can be filtered by."""

    eptura_deletion: Literal["gone", "inactive"] = "gone"
    """What DELETE does to a user: "permanently deletes" (SCIM API pages) or "marked inactive" (guide for Entra)."""

    eptura_phones: Literal["reformatted", "kept"] = "reformatted"
    """Whether a telephone number of digits alone comes back grouped, as the example of the API pages shows.

    What becomes of other numbers is undocumented: they come back as they were sent."""
