"""EpturaScimProvisioning: the documented configuration as one component, in the order that keeps it safe."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any, Literal

import pulumi
import pulumi_azuread as azuread
from pydantic.alias_generators import to_camel

from eptura_scim import documented
from eptura_scim.documented import Phone
from eptura_scim.mapping import Mappings
from eptura_scim.provider.configuration import digest_of_assigned, digest_of_connection, digest_of_mappings
from eptura_scim.resources import (
    EnterpriseApplicationName,
    SynchronizationJob,
    SynchronizationJobState,
    SynchronizationSchema,
    SynchronizationSecrets,
    check_login,
    reason_of,
)
from eptura_scim.settings import Settings
from eptura_scim.settings.arguments import Arguments, EpturaScimProvisioningArgs
from eptura_scim.settings.stack import settings
from eptura_scim.token_expiry import RENEW, TokenExpiry
from eptura_scim.types import COMPONENT, FORMER_JOB

__all__ = ["EpturaScimProvisioning", "EpturaScimProvisioningArgs", "settings"]

# What belongs to single sign-on is set by others and left to them; notes and owners too, unless they are set here.
_LEFT_TO_OTHERS = [
    "alternativeNames",
    "description",
    "loginUrl",
    "notificationEmailAddresses",
    "preferredSingleSignOnMode",
    "samlSingleSignOn",
]

_GET_APPLICATION = "azuread:index/getApplication:getApplication"

# What azuread reads of its login from its configuration, and which of it is a credential.
_AZUREAD_LOGIN = {
    "tenantId": "tenant_id",
    "clientId": "client_id",
    "environment": "environment",
    "metadataHost": "metadata_host",
}
_AZUREAD_CREDENTIALS = {
    "clientSecret": "client_secret",
    "clientSecretFilePath": "client_secret_file_path",
    "clientCertificate": "client_certificate",
    "clientCertificatePath": "client_certificate_path",
    "oidcToken": "oidc_token",
    "oidcTokenFilePath": "oidc_token_file_path",
}

_DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"

# The properties of SynchronizationSchema, and the arguments that each depends on.
_MAPPINGS_DEPEND_ON: dict[str, tuple[str, ...]] = {
    "users": ("phone_work", "phone_mobile"),
    "groups": ("group_matching",),
    "provision_users": (),
    "provision_groups": (),
    **{name: (name,) for name in ("user_filter", "group_filter", "user_actions", "group_actions")},
}
_ARGUMENTS_OF_MAPPINGS = [name for names in _MAPPINGS_DEPEND_ON.values() for name in names]


class EpturaScimProvisioning(pulumi.ComponentResource):
    """An enterprise application that provisions users and groups into Eptura.

    The order is application, service principal, job (not started), assignments, connection (tested, then saved),
    mappings, start: Eptura never changes an externalId, so no cycle may run with the template's mappings. A change that
    takes several of these steps pauses the job in the first and restarts it in the last.
    """

    application_object_id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    service_principal_object_id: pulumi.Output[str]
    job_id: pulumi.Output[str]
    token_expiry: pulumi.Output[dict[str, str] | None]
    """When the token expires, where it says so: `{"expires": …, "warnedFrom": …}`, which `status` reads."""

    def __init__(
        self,
        name: str,
        args: EpturaScimProvisioningArgs | Settings,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare everything. `args` may be the settings of a stack, as `settings()` reads them.

        `opts` are those of any component; with `ignore_changes=["secretToken"]` another token alone is not a change.
        Raises RunError, with a line for each argument that is missing, unknown or wrong.
        """
        arguments = Arguments(args)
        super().__init__(COMPONENT, name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        # Our own resources are protected as well: else a destroy would stop provisioning before azuread's refuse it.
        kept = pulumi.ResourceOptions(parent=self, protect=_protect(arguments, opts))
        self._warn_about(arguments)

        ran_by = self._check_login(arguments)
        principal = self._declare_application(name, arguments, kept, ran_by)
        self._declare_provisioning(name, arguments, kept, principal, _ignored_of_secrets(opts))

        self.token_expiry = arguments.token_expiry
        # As inputs the arguments would be a change of every stack that was imported, or made without them.
        self.register_outputs(
            {
                **arguments.recorded,
                "applicationObjectId": self.application_object_id,
                "clientId": self.client_id,
                "servicePrincipalObjectId": self.service_principal_object_id,
                "jobId": self.job_id,
                "tokenExpiry": self.token_expiry,
                "ranBy": ran_by,
            }
        )

    def _declare_application(
        self, name: str, arguments: Arguments, kept: pulumi.ResourceOptions, ran_by: pulumi.Output[str]
    ) -> azuread.ServicePrincipal:
        """The application from its template, its service principal, and the name of the latter (S1-S5)."""
        application = azuread.ApplicationFromTemplate(
            name,
            display_name=arguments["application_name"],
            template_id=_template_id(),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=ran_by.apply(lambda _: []))),
        )
        client_id = application.application_object_id.apply(self._client_id)
        principal = azuread.ServicePrincipal(
            name,
            client_id=client_id,
            use_existing=True,
            **documented.PROPERTIES,
            feature_tags=[azuread.ServicePrincipalFeatureTagArgs(**documented.FEATURES)],
            notes=arguments["notes"],
            owners=arguments.derive(lambda owners: list(owners) or None, "owners"),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(ignore_changes=_left_to_others(arguments))),
        )
        EnterpriseApplicationName(
            name,
            service_principal_id=principal.id,
            display_name=arguments["application_name"],
            opts=self._child,
        )
        self.application_object_id = application.application_object_id
        self.client_id = client_id
        self.service_principal_object_id = principal.object_id
        return principal

    def _declare_provisioning(
        self,
        name: str,
        arguments: Arguments,
        kept: pulumi.ResourceOptions,
        principal: azuread.ServicePrincipal,
        ignored_of_secrets: list[str],
    ) -> None:
        """The job, who is assigned, the connection, the mappings and, last, the start (S6-S42)."""
        configuration = _configuration(arguments)
        job = self._declare_job(name, kept, principal, configuration)
        assignments = self._assign(name, arguments, principal, job)
        secrets = SynchronizationSecrets(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            tenant_url=arguments["tenant_url"],
            secret_token=arguments["secret_token"],
            scope=arguments["scope"],
            notification_email=arguments["notification_email"],
            accidental_deletion_threshold=arguments["accidental_deletion_threshold"],
            skip_out_of_scope_deletions=arguments["skip_out_of_scope_deletions"],
            test_saved_token=arguments["test_saved_token"],
            # The scope must not shrink before those who stay in it are assigned.
            opts=pulumi.ResourceOptions.merge(
                kept, pulumi.ResourceOptions(depends_on=assignments, ignore_changes=ignored_of_secrets)
            ),
        )
        schema = SynchronizationSchema(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            mappings=_mappings(arguments),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[secrets])),
        )
        SynchronizationJobState(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            provisioning_status=arguments.derive(_status, "provisioning"),
            delete_other_jobs=arguments["delete_other_jobs"],
            configuration=configuration,
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[secrets, schema])),
        )
        self.job_id = job.id

    def _declare_job(
        self,
        name: str,
        kept: pulumi.ResourceOptions,
        principal: azuread.ServicePrincipal,
        configuration: dict[str, Any],
    ) -> SynchronizationJob:
        """The job, not started (S6)."""
        return SynchronizationJob(
            name,
            service_principal_id=principal.id,
            template_id=documented.SYNCHRONIZATION_TEMPLATE,
            configuration=configuration,
            # azuread's job of the same application is this job: it continues under this type, unchanged in Entra.
            opts=pulumi.ResourceOptions.merge(
                kept, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=FORMER_JOB, parent=self)])
            ),
        )

    def _assign(
        self, name: str, arguments: Arguments, principal: azuread.ServicePrincipal, job: SynchronizationJob
    ) -> list[azuread.AppRoleAssignment]:
        """The users and groups that the stack assigns."""
        return [
            azuread.AppRoleAssignment(
                f"{name}-{end}",
                app_role_id=principal.app_roles.apply(_role_of_users),
                principal_object_id=assigned,
                resource_object_id=principal.object_id,
                opts=pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[job])),
            )
            for end, assigned in arguments.assigned.items()
        ]

    def _check_login(self, arguments: Arguments) -> pulumi.Output[str]:
        """Ends the run before anything is made where the login does not suffice; gives the client id of the login."""
        provider = self.get_provider("azuread:index:Provider")
        config = pulumi.Config("azuread")
        given: dict[str, pulumi.Input[str | None]] = {
            name: getattr(provider, attribute, None) if provider else config.get(name)
            for name, attribute in {**_AZUREAD_LOGIN, **_AZUREAD_CREDENTIALS}.items()
        }
        assigns = bool(arguments.assigned)

        async def check(values: dict[str, str | None]) -> str:
            login = {name: values[name] for name in _AZUREAD_LOGIN if values[name]}
            has_credential = any(values[name] for name in _AZUREAD_CREDENTIALS)
            return await check_login(
                assigns=assigns,
                azuread={**login, "hasCredential": has_credential},
                opts=pulumi.InvokeOptions(parent=self),
            )

        return pulumi.Output.all(**given).apply(check)

    async def _client_id(self, application: str) -> str:
        """The client id of an application. Not by an output of the SDK: one that fails is shown as a traceback."""
        # The version names the default provider, as the SDK's own function does.
        options = pulumi.InvokeOptions(parent=self, version=version("pulumi-azuread"))
        try:
            found = await pulumi.runtime.invoke_async(_GET_APPLICATION, {"objectId": application}, options)
        except Exception as error:  # the SDK knows no other; its text ends with what the plugin says
            why = reason_of(error)
            again = ". If it was deleted, run `pulumi up` again: it creates another application"
            raise pulumi.RunError(
                f"the client id of application {application} cannot be read: {why}{again if 'not found' in why else ''}"
            ) from None
        return str(found["clientId"])

    def _warn_about(self, arguments: Arguments) -> None:
        """Warns of what is allowed and most likely a mistake."""
        for name in ("phone_work", "phone_mobile"):
            arguments.derive(partial(self._warn_about_phone, to_camel(name)), name)
        arguments.token_expiry.apply(self._warn_about_token)
        if not arguments.assigned:
            arguments.derive(self._warn_about_scope, "scope")

    def _warn_about_phone(self, setting: str, **known: Phone) -> None:
        if "direct" in known.values():
            pulumi.warn(
                f"{setting} is direct: numbers are sent as Entra has them, and Eptura asks for RFC 3966. "
                "Use rfc3966, or list wrong numbers with `eptura-scim check-directory`",
                self,
            )

    def _warn_about_token(self, output: dict[str, str] | None) -> None:
        expiry, now = TokenExpiry.of_output(output), datetime.now(UTC)
        if expiry and expiry.is_warned(now):
            pulumi.warn(f"secretToken: {expiry.said(now)}: {RENEW}", self)

    def _warn_about_scope(self, scope: str) -> None:
        if scope == "assigned":
            pulumi.warn(
                "scope is assigned, and the stack assigns no users or groups: only users assigned outside Pulumi are "
                "provisioned. Set assignedGroups or assignedUsers",
                self,
            )


def _protect(arguments: Arguments, opts: pulumi.ResourceOptions | None) -> bool:
    if arguments.has("protect") or opts is None or opts.protect is None:
        return bool(arguments["protect"])
    return opts.protect


def _status(provisioning: bool) -> Literal["On", "Off"]:
    return "On" if provisioning else "Off"


def _mappings(arguments: Arguments) -> dict[str, Any]:
    """The properties of SynchronizationSchema; each is unknown only where an argument of its own is."""

    def derived(field: str) -> Any:
        return arguments.derive(
            lambda **known: documented.mappings(**known).model_dump(by_alias=True)[to_camel(field)],
            *_MAPPINGS_DEPEND_ON[field],
        )

    return {to_camel(field): derived(field) for field in Mappings.model_fields}


def _configuration(arguments: Arguments) -> dict[str, Any]:
    """A digest for each group of settings that is written at once: a run that changes several pauses the job first.

    The digest of a value that is unknown in a preview is unknown as well.
    """
    return {
        "secrets": arguments.derive(digest_of_connection, "tenant_url", "scope", "skip_out_of_scope_deletions"),
        "mappings": arguments.derive(
            lambda **known: digest_of_mappings(documented.mappings(**known)), *_ARGUMENTS_OF_MAPPINGS
        ),
        "assignments": arguments.derive_from_assigned(digest_of_assigned),
        "provisioningStatus": arguments.derive(_status, "provisioning"),
    }


def _left_to_others(arguments: Arguments) -> list[str]:
    return [*_LEFT_TO_OTHERS, *(name for name in ("notes", "owners") if not arguments.has(name))]


def _ignored_of_secrets(opts: pulumi.ResourceOptions | None) -> list[str]:
    """The caller's `ignore_changes=["secretToken"]`. The token itself is never in the state: its fingerprint is."""
    ignored = opts.ignore_changes if opts and isinstance(opts.ignore_changes, list) else []
    return ["secretTokenFingerprint"] if {"secretToken", "secret_token"} & {*ignored} else []


def _role_of_users(roles: Sequence[azuread.outputs.ServicePrincipalAppRole] | None) -> str:
    """The role that assigned users and groups get: the one named User, else any for users, else default access.

    Source: Microsoft Graph, appRoleAssignment: default access is for applications that declare no role.
    """
    for_users = [role for role in roles or () if role.enabled and "User" in (role.allowed_member_types or ())]
    for_users.sort(key=lambda role: role.display_name != "User")
    return str(for_users[0].id) if for_users else _DEFAULT_ACCESS


def _template_id() -> str:
    cloud = os.environ.get("ARM_ENVIRONMENT", "").lower() or "public"
    if cloud not in documented.NON_GALLERY_TEMPLATES:
        raise pulumi.RunError(
            f"ARM_ENVIRONMENT is {cloud!r}; set it to one of {', '.join(documented.NON_GALLERY_TEMPLATES)}"
        )
    return documented.NON_GALLERY_TEMPLATES[cloud]
