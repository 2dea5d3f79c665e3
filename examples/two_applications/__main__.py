"""Two applications in one stack: one provisions Eptura's test system, one provisions production.

The settings of each stand under a namespace of their own:

    pulumi config set eptura-test:tenantUrl https://scimstage.eptura.example/scim/v1/
    pulumi config set --secret eptura-test:secretToken
    pulumi config set eptura-test:applicationName "Eptura test"
    pulumi config set eptura-production:tenantUrl https://scim.eptura.example/scim/v1/
    pulumi config set --secret eptura-production:secretToken

With many applications in one stack, the first `pulumi up` writes the state many times: docs/scale.md.
"""

import pulumi

from eptura_scim.component import EpturaScimProvisioning, settings
from eptura_scim.pulumi_internals import end_silently_when_interrupted

end_silently_when_interrupted()

for name in ("eptura-test", "eptura-production"):
    provisioning = EpturaScimProvisioning(name, settings(name))
    pulumi.export(f"{name}-clientId", provisioning.client_id)
