"""One application with a job in a local Entra, and the provider's three resources on it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import LocalEntra
from eptura_scim.mapping import Mappings
from eptura_scim.plugin_sdk.messages import Messages
from eptura_scim.plugin_sdk.validation import check, dump
from eptura_scim.provider.application_name import EnterpriseApplicationName
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.schema import SchemaInputs, SynchronizationSchema
from eptura_scim.provider.secrets import SecretsInputs, SynchronizationSecrets
from eptura_scim.provider.synchronization_job import SynchronizationJob

URN = "urn:pulumi:dev::eptura::eptura-scim:index:SynchronizationSecrets::eptura"
DOCUMENTED = documented.mappings()


class RecordedMessages(Messages):
    """Keeps the warnings that the engine would show."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    async def warning(self, urn: str, text: str) -> None:
        self.warnings.append(text)


class ProviderFixture:
    """One application with a job, and our resources on it."""

    def __init__(self, entra: LocalEntra, client: GraphClient) -> None:
        self.entra = entra
        self.portal = entra.portal
        self.principal = self.portal.create_application("Eptura")
        self.job = self.portal.create_job()
        self.api = SynchronizationClient(client)
        clock = itertools.count()
        self.consistency = Consistency(
            seconds=50, refusal_seconds=10, clock=lambda: float(next(clock)), sleep=self._no_sleep
        )
        self.new_run()
        self.name = EnterpriseApplicationName(self.api, self.consistency)

    def new_run(self) -> None:
        """What another process of the plugin knows: nothing of what an earlier one was doing."""
        changes = PausedChanges()
        self.synchronization_job = SynchronizationJob(self.api, self.consistency, changes)
        self.secrets = SynchronizationSecrets(self.api, self.consistency, changes)
        self.schema = SynchronizationSchema(self.api, self.consistency, changes)
        self.state = SynchronizationJobState(self.api, self.consistency, changes)

    @property
    def id(self) -> str:
        return f"{self.principal}/{self.job}"

    @property
    def where(self) -> dict[str, str]:
        return {"servicePrincipalId": self.principal, "jobId": self.job}

    def secrets_inputs(self, token: str | None = None, **changes: Any) -> SecretsInputs:
        values = {**self.where, "tenantUrl": self.entra.scim.url, "secretToken": token or self.entra.scim.token}
        taken = self.secrets.preprocess_inputs(URN, {**values, **changes}, {})
        checked = check(SecretsInputs, taken)
        assert not checked.failures, checked.failures
        return SecretsInputs.model_validate(checked.inputs)

    def schema_inputs(self, wanted: Mappings) -> SchemaInputs:
        return SchemaInputs.model_validate({**self.where, **dump(wanted)})

    def state_inputs(self, status: str) -> JobStateInputs:
        return JobStateInputs.model_validate({**self.where, "provisioningStatus": status})

    async def provision(self, status: str = "On", **changes: Any) -> None:
        """Create what the program declares: the connection, the documented mappings, and the job's state."""
        await self.secrets.create(URN, self.secrets_inputs(**changes))
        await self.schema.create("", self.schema_inputs(DOCUMENTED))
        await self.state.create("", self.state_inputs(status))

    @staticmethod
    async def _no_sleep(_seconds: float) -> None:
        return


@pytest.fixture
def usual() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        yield started


@pytest.fixture
async def default_provider(usual: LocalEntra) -> AsyncIterator[ProviderFixture]:
    client = await connect(usual.environment)
    yield ProviderFixture(usual, client)
    await client.close()
