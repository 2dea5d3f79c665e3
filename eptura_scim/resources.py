"""The program's side of the provider's resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pulumi

from eptura_scim.sealing import seal
from eptura_scim.types import PACKAGE

__all__ = [
    "EnterpriseApplicationName",
    "SynchronizationJob",
    "SynchronizationJobState",
    "SynchronizationSchema",
    "SynchronizationSecrets",
    "check_login",
    "reason_of",
]


async def check_login(*, assigns: bool, azuread: Mapping[str, Any], opts: pulumi.InvokeOptions) -> str:
    """End the program where the plugins do not log in alike, or where the identity lacks a permission.

    Gives the client id of the identity.

    `azuread` is what azuread is configured with: tenantId, clientId, environment, metadataHost, hasCredential.
    Raises RunError.
    """
    arguments = {"preview": pulumi.runtime.is_dry_run(), "assigns": assigns, "azuread": azuread}
    try:
        # Not the call that waits: components that wait inside each other's waits end at Python's recursion limit.
        found = await pulumi.runtime.invoke_async(f"{PACKAGE}:checkLogin", arguments, opts) or {}
    except Exception as error:  # the SDK knows no other
        raise pulumi.RunError(reason_of(error)) from None
    return str(found.get("clientId") or "")


def reason_of(error: Exception) -> str:
    """What the plugin says in an error of an invoke."""
    return str(error).rpartition("returned an error: ")[2]


class EnterpriseApplicationName(pulumi.CustomResource):
    """The name of an enterprise application, as the portal shows it. `service_principal_id` takes azuread's id."""

    def __init__(
        self,
        name: str,
        *,
        service_principal_id: pulumi.Input[str],
        display_name: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"servicePrincipalId": service_principal_id, "displayName": display_name}
        super().__init__(f"{PACKAGE}:EnterpriseApplicationName", name, properties, opts)


class SynchronizationJob(pulumi.CustomResource):
    """The synchronization job of an application: one of the template that exists already, or a new one. It is not
    started.

    `service_principal_id` takes azuread's id. `configuration` holds a text for each group of settings that the program
    declares (`secrets`, `mappings`, `assignments`, and `provisioningStatus`), as the provider's schema describes them:
    a run that changes several pauses the job first. `id` is the job's path in Graph.
    """

    def __init__(
        self,
        name: str,
        *,
        service_principal_id: pulumi.Input[str],
        template_id: pulumi.Input[str] = "scim",
        configuration: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "servicePrincipalId": service_principal_id,
            "templateId": template_id,
            "configuration": configuration,
        }
        super().__init__(f"{PACKAGE}:SynchronizationJob", name, properties, opts)


class SynchronizationSecrets(pulumi.CustomResource):
    """The connection of a synchronization job: tested, then saved. The token is never in the state.

    `service_principal_id` takes azuread's id, `job_id` that of SynchronizationJob. `secret_token` has to be a secret.
    """

    def __init__(
        self,
        name: str,
        *,
        service_principal_id: pulumi.Input[str],
        job_id: pulumi.Input[str],
        tenant_url: pulumi.Input[str],
        secret_token: pulumi.Input[str],
        scope: pulumi.Input[Literal["all", "assigned"]] = "all",
        notification_email: pulumi.Input[str | None] = None,
        accidental_deletion_threshold: pulumi.Input[int | None] = None,
        skip_out_of_scope_deletions: pulumi.Input[bool] = False,
        test_saved_token: pulumi.Input[bool] = True,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        opts = opts or pulumi.ResourceOptions()
        key = pulumi.runtime.invoke_output(
            f"{PACKAGE}:sealingKey", {}, pulumi.InvokeOptions(parent=opts.parent, provider=opts.provider)
        )
        sealed = pulumi.Output.all(key, pulumi.Output.secret(secret_token)).apply(
            lambda found: seal(found[0]["publicKey"], found[1])
        )
        properties: dict[str, Any] = {
            "servicePrincipalId": service_principal_id,
            "jobId": job_id,
            "tenantUrl": tenant_url,
            "secretToken": sealed,
            "scope": scope,
            "notificationEmail": notification_email,
            "accidentalDeletionThreshold": accidental_deletion_threshold,
            "skipOutOfScopeDeletions": skip_out_of_scope_deletions,
            "testSavedToken": test_saved_token,
        }
        super().__init__(f"{PACKAGE}:SynchronizationSecrets", name, properties, opts)


class SynchronizationSchema(pulumi.CustomResource):
    """The attribute mappings of a synchronization job; those that are not declared are removed.

    `mappings` holds `users`, `groups`, `provisionUsers` and `provisionGroups` as the provider's schema describes them.
    """

    def __init__(
        self,
        name: str,
        *,
        service_principal_id: pulumi.Input[str],
        job_id: pulumi.Input[str],
        mappings: Mapping[str, Any],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {"servicePrincipalId": service_principal_id, "jobId": job_id, **mappings}
        super().__init__(f"{PACKAGE}:SynchronizationSchema", name, properties, opts)


class SynchronizationJobState(pulumi.CustomResource):
    """Whether a synchronization job runs. Let it depend on the job's secrets and schema.

    Other jobs of the application that run are paused, or deleted with `delete_other_jobs`. `configuration` is the same
    as the SynchronizationJob's: a job that a cut run left with another connection or scope is then restarted, although
    it was started by hand meanwhile.
    """

    def __init__(
        self,
        name: str,
        *,
        service_principal_id: pulumi.Input[str],
        job_id: pulumi.Input[str],
        provisioning_status: pulumi.Input[Literal["On", "Off"]] = "On",
        delete_other_jobs: pulumi.Input[bool] = False,
        configuration: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        properties = {
            "servicePrincipalId": service_principal_id,
            "jobId": job_id,
            "provisioningStatus": provisioning_status,
            "deleteOtherJobs": delete_other_jobs,
            "configuration": configuration,
        }
        super().__init__(f"{PACKAGE}:SynchronizationJobState", name, properties, opts)
