"""Alerts for a provisioning application that another stack, or a person, has made.

    pulumi stack init prod
    pulumi config set resourceGroup rg-monitoring
    pulumi config set location westeurope
    pulumi config set servicePrincipal 11111111-1111-1111-1111-111111111111   # object id, not client id
    pulumi config set email platform@example.com
    pulumi config set workspace /subscriptions/…/workspaces/central           # optional: a workspace that exists
    pulumi up

The resource group has to exist. docs/alerts.md names roles and costs.
"""

import pulumi

from eptura_scim.alerts import EpturaScimAlerts, EpturaScimAlertsArgs
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()

config = pulumi.Config()
arguments = EpturaScimAlertsArgs(
    resource_group_name=config.require("resourceGroup"),
    location=config.require("location"),
    service_principal_object_id=config.require("servicePrincipal"),
    emails=[config.require("email")],
    failure_minimum=10,
    failure_percent=5,
    silence_hours=24,
    tags={"purpose": "Eptura SCIM provisioning"},
)
if workspace := config.get("workspace"):
    arguments["workspace_id"] = workspace

alerts = EpturaScimAlerts("eptura", arguments)
pulumi.export("workspace", alerts.workspace_id)
