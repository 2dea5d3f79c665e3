"""A refresh through the plugin keeps the address that Entra's links belong to, whatever the connection is by now."""

from __future__ import annotations

from eptura_scim.plugin_sdk.protocol import provider_pb2 as rpc
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.values import decode, encode
from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges
from tests.unit.job_samples import REF, job
from tests.unit.one_job import HERE, OneJob

ELSEWHERE = "https://old.example/scim"
TYPE = "eptura-scim:index:SynchronizationJobState"


class StateOfARunningJob(SynchronizationJobState):
    """Its connection has been changed in the portal."""

    def __init__(self) -> None:
        super().__init__(OneJob(job(), HERE), changes=PausedChanges())


async def test_a_refresh_keeps_the_address_of_the_state() -> None:
    package = {"name": "eptura-scim", "version": "1.0.0", "description": ""}
    plugin = ResourceProvider(package, {TYPE: f"{__name__}:StateOfARunningJob"})
    inputs = {"servicePrincipalId": REF.service_principal, "jobId": REF.job, "provisioningStatus": "On"}
    found = await plugin.read(
        rpc.ReadRequest(
            id=f"{REF.service_principal}/{REF.job}",
            urn=f"urn:pulumi:dev::eptura::{TYPE}::eptura",
            inputs=encode(inputs),
            properties=encode({**inputs, "linkedTo": ELSEWHERE}),
        )
    )
    assert decode(found.properties)["linkedTo"] == ELSEWHERE
