"""Several applications in one stack: $BENCHMARK_APPLICATIONS of them."""

import os

import pulumi

from eptura_scim.component import EpturaScimProvisioning

config = pulumi.Config()
for number in range(int(os.environ["BENCHMARK_APPLICATIONS"])):
    EpturaScimProvisioning(
        f"eptura-{number:03}",
        {
            "tenant_url": config.require("tenantUrl"),
            "secret_token": config.require_secret("secretToken"),
            "application_name": f"Eptura {number:03}",
            "protect": False,
        },
    )
