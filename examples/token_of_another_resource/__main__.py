"""The token comes from another stack, which keeps it as a secret output `epturaToken`."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()

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
