"""EpturaScimProvisioning: the documented configuration as one component, in the order that keeps it safe."""

from __future__ import annotations

import os

import pulumi
import pulumi_azuread as azuread
from pulumi.runtime.config import CONFIG

from eptura_scim import documented
from eptura_scim.resources import SynchronizationJobState, SynchronizationSchema, SynchronizationSecrets
from eptura_scim.settings import Settings, SettingsError

__all__ = ["EpturaScimProvisioning", "settings"]

# What belongs to single sign-on and to people's notes is set by others and left to them.
_LEFT_TO_OTHERS = [
    "alternativeNames",
    "description",
    "loginUrl",
    "notes",
    "notificationEmailAddresses",
    "owners",
    "preferredSingleSignOnMode",
    "samlSingleSignOn",
]


class EpturaScimProvisioning(pulumi.ComponentResource):
    """An enterprise application that provisions users and groups into Eptura.

    The order is application, service principal, job (not started), connection (tested, then saved), mappings, start:
    Eptura never changes an externalId, so no cycle may run with the template's mappings.
    """

    application_object_id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    service_principal_object_id: pulumi.Output[str]
    job_id: pulumi.Output[str]

    def __init__(self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("eptura-scim:index:EpturaScimProvisioning", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        application = azuread.ApplicationFromTemplate(
            name,
            display_name=settings.application_name,
            template_id=_template_id(),
            opts=child,
        )
        registration = azuread.get_application_output(
            object_id=application.application_object_id, opts=pulumi.InvokeOptions(parent=self)
        )
        principal = azuread.ServicePrincipal(
            name,
            client_id=registration.client_id,
            use_existing=True,
            account_enabled=True,
            app_role_assignment_required=True,
            feature_tags=[azuread.ServicePrincipalFeatureTagArgs(**documented.FEATURES)],
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(ignore_changes=_LEFT_TO_OTHERS)),
        )
        job = azuread.SynchronizationJob(
            name,
            service_principal_id=principal.id,
            template_id=documented.SYNCHRONIZATION_TEMPLATE,
            enabled=False,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(ignore_changes=["enabled"])),
        )

        secrets = SynchronizationSecrets(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            tenant_url=settings.tenant_url,
            secret_token=settings.secret_token.get_secret_value(),
            scope=settings.scope,
            notification_email=settings.notification_email,
            accidental_deletion_threshold=settings.accidental_deletion_threshold,
            test_saved_token=settings.test_saved_token,
            opts=child,
        )
        mappings = documented.mappings(
            phone_work=settings.phone_work,
            phone_mobile=settings.phone_mobile,
            group_matching=settings.group_matching,
        )
        schema = SynchronizationSchema(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            mappings=mappings.model_dump(by_alias=True),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[secrets])),
        )
        SynchronizationJobState(
            name,
            service_principal_id=principal.id,
            job_id=job.id,
            provisioning_status="On" if settings.provisioning else "Off",
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[secrets, schema])),
        )

        self.application_object_id = application.application_object_id
        self.client_id = registration.client_id
        self.service_principal_object_id = principal.object_id
        self.job_id = job.id
        self.register_outputs({})


def settings() -> Settings:
    """The stack's settings. Ends the program with one message that lists every wrong one."""
    config = pulumi.Config()
    # All of the project's keys, not only the known ones: a misspelled setting has to be named.
    keys = {*CONFIG.get(), *pulumi.runtime.get_config_env()}
    names = [key.removeprefix(prefix) for key in keys if key.startswith(prefix := f"{config.name}:")]
    values = {name: value for name in sorted(names) if (value := config.get(name)) is not None}
    secret = [name for name in names if pulumi.runtime.is_config_secret(config.full_key(name))]
    try:
        return Settings.from_config(values, secret)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def _template_id() -> str:
    cloud = os.environ.get("ARM_ENVIRONMENT", "").lower() or "public"
    if cloud not in documented.NON_GALLERY_TEMPLATES:
        raise pulumi.RunError(
            f"ARM_ENVIRONMENT is {cloud!r}; set it to one of {', '.join(documented.NON_GALLERY_TEMPLATES)}"
        )
    return documented.NON_GALLERY_TEMPLATES[cloud]
