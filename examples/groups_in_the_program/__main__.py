"""Groups of the same program are assigned, and only their members are provisioned."""

import pulumi
import pulumi_azuread as azuread

from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()

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
