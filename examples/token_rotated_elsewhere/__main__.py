"""Another process rotates the token in Entra: another token in the configuration alone is not a change."""

import signal

import pulumi

from eptura_scim.component import EpturaScimProvisioning

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a failed run ends without a traceback

config = pulumi.Config()

provisioning = EpturaScimProvisioning(
    "eptura",
    {
        "tenant_url": config.require("tenantUrl"),
        "secret_token": config.require_secret("secretToken"),
    },
    pulumi.ResourceOptions(ignore_changes=["secretToken"]),
)

pulumi.export("clientId", provisioning.client_id)
