"""The token comes from another stack, which keeps it as a secret output `epturaToken`."""

import signal

import pulumi

from eptura_scim.component import EpturaScimProvisioning

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a failed run ends without a traceback

config = pulumi.Config()
secrets = pulumi.StackReference("secrets", stack_name=config.require("secretsStack"))

provisioning = EpturaScimProvisioning(
    "eptura",
    {
        "tenant_url": config.require("tenantUrl"),
        "secret_token": secrets.require_output("epturaToken"),
        "notification_email": "it@contoso.example",
        "accidental_deletion_threshold": 50,
    },
)

pulumi.export("clientId", provisioning.client_id)
