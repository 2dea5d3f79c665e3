"""Groups of the same program are assigned, and only their members are provisioned."""

import signal

import pulumi
import pulumi_azuread as azuread

from eptura_scim.component import EpturaScimProvisioning

signal.signal(signal.SIGINT, signal.SIG_DFL)  # a failed run ends without a traceback

config = pulumi.Config()
sales = azuread.Group("sales", display_name="Sales", security_enabled=True)
facilities = azuread.Group("facilities", display_name="Facilities", security_enabled=True)

provisioning = EpturaScimProvisioning(
    "eptura",
    {
        "tenant_url": config.require("tenantUrl"),
        "secret_token": config.require_secret("secretToken"),
        "scope": "assigned",
        # The keys name the assignments in the stack: a group can be added or taken out without a change of the others.
        "assigned_groups": {"sales": sales.object_id, "facilities": facilities.object_id},
    },
)

pulumi.export("clientId", provisioning.client_id)
