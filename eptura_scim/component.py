"""EpturaScimProvisioning: the documented configuration as one component, in the order that keeps it safe."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from typing import Any, Literal

import pulumi
import pulumi_azuread as azuread

from eptura_scim import documented
from eptura_scim.environment import try_out_leak
from eptura_scim.pulumi_internals import config_keys
from eptura_scim.resources import (
    EnterpriseApplicationName,
    SynchronizationJob,
    SynchronizationJobState,
    SynchronizationSchema,
    SynchronizationSecrets,
    check_login,
    reason_of,
)
from eptura_scim.settings import Settings, SettingsError

__all__ = ["EpturaScimProvisioning", "settings"]

# What belongs to single sign-on is set by others and left to them; notes and owners too, unless they are set here.
_LEFT_TO_OTHERS = [
    "alternativeNames",
    "description",
    "loginUrl",
    "notificationEmailAddresses",
    "preferredSingleSignOnMode",
    "samlSingleSignOn",
]

DEVELOPMENT_STACK = "dev"
"""The stack in which nothing is protected unless the settings say so."""

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

_AZUREAD_JOB = "azuread:index/synchronizationJob:SynchronizationJob"
_DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"


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

    def __init__(self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eptura-scim:index:EpturaScimProvisioning", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # What provisions. Our own resources too: without, a destroy would stop provisioning before it is refused.
        kept = pulumi.ResourceOptions(parent=self, protect=settings.protect)
        self._warn_about(settings)

        application = azuread.ApplicationFromTemplate(
            name,
            display_name=settings.application_name,
            template_id=_template_id(),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=self._check_login(settings))),
        )
        client_id = application.application_object_id.apply(self._client_id)
        principal = azuread.ServicePrincipal(
            name,
            client_id=client_id,
            use_existing=True,
            **documented.PROPERTIES,
            feature_tags=[azuread.ServicePrincipalFeatureTagArgs(**documented.FEATURES)],
            notes=settings.notes,
            owners=list(settings.owners) or None,
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(ignore_changes=_left_to_others(settings))),
        )
        EnterpriseApplicationName(
            name,
            service_principal_id=principal.id,
            display_name=settings.application_name,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[application])),
        )
        job = SynchronizationJob(
            name,
            service_principal_id=principal.id,
            template_id=documented.SYNCHRONIZATION_TEMPLATE,
            configuration=_configuration(settings),
            # azuread's job of the same application is this job: it goes on under this type, unchanged in Entra.
            opts=pulumi.ResourceOptions.merge(
                kept, pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=_AZUREAD_JOB, parent=self)])
            ),
        )
        assignments = [
            azuread.AppRoleAssignment(
                f"{name}-{assigned}",
                app_role_id=principal.app_roles.apply(_role_of_users),
                principal_object_id=assigned,
                resource_object_id=principal.object_id,
                opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[job])),
            )
            for assigned in dict.fromkeys((*settings.assigned_users, *settings.assigned_groups))
        ]

        secrets = SynchronizationSecrets(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            tenant_url=settings.tenant_url,
            secret_token=settings.secret_token.get_secret_value(),
            scope=settings.scope,
            notification_email=settings.notification_email,
            accidental_deletion_threshold=settings.accidental_deletion_threshold,
            skip_out_of_scope_deletions=settings.skip_out_of_scope_deletions,
            test_saved_token=settings.test_saved_token,
            # The scope must not shrink before those who stay in it are assigned.
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=assignments)),
        )
        schema = SynchronizationSchema(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            mappings=settings.mappings.model_dump(by_alias=True),
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[secrets])),
        )
        SynchronizationJobState(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            provisioning_status=_status(settings),
            delete_other_jobs=settings.delete_other_jobs,
            opts=pulumi.ResourceOptions.merge(kept, pulumi.ResourceOptions(depends_on=[secrets, schema])),
        )

        self.application_object_id = application.application_object_id
        self.client_id = client_id
        self.service_principal_object_id = principal.object_id
        self.job_id = job.id
        self.register_outputs({})

    def _check_login(self, settings: Settings) -> pulumi.Output[list[pulumi.Resource]]:
        """Ends the run before anything is made where it could not go through; gives nothing to depend on."""
        provider = self.get_provider("azuread:index:Provider")
        config = pulumi.Config("azuread")
        given: dict[str, pulumi.Input[str | None]] = {
            name: getattr(provider, attribute, None) if provider else config.get(name)
            for name, attribute in {**_AZUREAD_LOGIN, **_AZUREAD_CREDENTIALS}.items()
        }
        assigns = bool(settings.assigned_users or settings.assigned_groups)

        def check(values: dict[str, str | None]) -> list[pulumi.Resource]:
            login = {name: values[name] for name in _AZUREAD_LOGIN if values[name]}
            has_credential = any(values[name] for name in _AZUREAD_CREDENTIALS)
            check_login(
                assigns=assigns,
                azuread={**login, "hasCredential": has_credential},
                opts=pulumi.InvokeOptions(parent=self),
            )
            return []

        return pulumi.Output.all(**given).apply(check)

    def _client_id(self, application: str) -> str:
        """The client id of an application. Not by an output of the SDK: one that fails is shown as a traceback."""
        try:
            found = azuread.get_application(object_id=application, opts=pulumi.InvokeOptions(parent=self))
        except Exception as error:  # the SDK knows no other; its text ends with what the plugin says
            raise pulumi.RunError(
                f"the client id of application {application} cannot be read: {reason_of(error)}"
            ) from None
        return str(found.client_id)

    def _warn_about(self, settings: Settings) -> None:
        """What is allowed, and hardly ever meant."""
        phones = {"phoneWork": settings.phone_work, "phoneMobile": settings.phone_mobile}
        for setting, mode in phones.items():
            if mode == "direct":
                pulumi.warn(
                    f"{setting} is direct: numbers are sent as Entra has them, and Eptura asks for RFC 3966. "
                    "Use rfc3966, or list wrong numbers with `eptura-scim check-directory`",
                    self,
                )
        if settings.scope == "assigned" and not (settings.assigned_users or settings.assigned_groups):
            pulumi.warn(
                "scope is assigned, and the stack assigns no users or groups: only users assigned outside Pulumi are "
                "provisioned. "
                "Set assignedGroups or assignedUsers",
                self,
            )


def settings() -> Settings:
    """The stack's settings. Ends the program with one message that lists every wrong one."""
    config = pulumi.Config()
    # All of the project's keys, not only the known ones: a misspelled setting has to be named.
    keys = config_keys()
    names = [key.removeprefix(prefix) for key in keys if key.startswith(prefix := f"{config.name}:")]
    values = {name: value for name in sorted(names) if (value := config.get(name)) is not None}
    secret = [name for name in names if pulumi.runtime.is_config_secret(config.full_key(name))]
    if not values.get("protect"):
        values["protect"] = "off" if pulumi.get_stack() == DEVELOPMENT_STACK else "on"
    try:
        found = Settings.from_config(values, secret)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    if leak := try_out_leak(found.tenant_url, os.environ):
        raise pulumi.RunError(leak)
    return found


def _status(settings: Settings) -> Literal["On", "Off"]:
    return "On" if settings.provisioning else "Off"


def _configuration(settings: Settings) -> dict[str, str]:
    """What is declared, in short, by what writes it: a run that changes several of these pauses the job first."""
    return {
        "secrets": _digest([settings.tenant_url, settings.scope, settings.skip_out_of_scope_deletions]),
        "mappings": _digest(settings.mappings.model_dump(mode="json")),
        "assignments": _digest(sorted({*settings.assigned_users, *settings.assigned_groups})),
        "provisioningStatus": _status(settings),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _left_to_others(settings: Settings) -> list[str]:
    unset = {"notes": not settings.notes, "owners": not settings.owners}
    return [*_LEFT_TO_OTHERS, *(name for name, is_unset in unset.items() if is_unset)]


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
