"""Eptura SCIM provisioning from Microsoft Entra ID."""

import pulumi

from eptura_scim.alerts import declare_alerts
from eptura_scim.component import EpturaScimProvisioning, settings
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()
provisioning = EpturaScimProvisioning("eptura", settings())
declare_alerts(
    "eptura",
    service_principal_object_id=provisioning.service_principal_object_id,
    client_id=provisioning.client_id,
)

pulumi.export("applicationObjectId", provisioning.application_object_id)
pulumi.export("clientId", provisioning.client_id)
pulumi.export("servicePrincipalObjectId", provisioning.service_principal_object_id)
pulumi.export("jobId", provisioning.job_id)
pulumi.export("tokenExpiry", provisioning.token_expiry)
