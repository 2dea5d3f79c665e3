"""Another process rotates the token in Entra: another token in the configuration alone is not a change."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()

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
