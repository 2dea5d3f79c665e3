"""The resources of both plugins on Graph clients of the test, waiting for nothing."""

from __future__ import annotations

from typing import Any, NamedTuple

from eptura_scim.emulator.azuread import (
    application_from_template,
    get_application,
    service_principal,
    synchronization_job,
)
from eptura_scim.emulator.azuread.graph import Graph
from eptura_scim.graph.consistency import Patience
from eptura_scim.graph.synchronization import Synchronization
from eptura_scim.provider import job_state, schema, secrets


class Clients(NamedTuple):
    """What the resources ask."""

    ours: Synchronization
    stand_in: Graph


_PATIENCE = Patience(seconds=-1, refusal_seconds=-1)
CLIENTS: list[Clients] = []
"""The last ones are used."""


class SynchronizationSecrets(secrets.SynchronizationSecrets):
    """As the plugin's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].ours, _PATIENCE)


class SynchronizationSchema(schema.SynchronizationSchema):
    """As the plugin's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].ours, _PATIENCE)


class SynchronizationJobState(job_state.SynchronizationJobState):
    """As the plugin's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].ours, _PATIENCE)


class ApplicationFromTemplate(application_from_template.ApplicationFromTemplate):
    """As the stand-in's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].stand_in)


class ServicePrincipal(service_principal.ServicePrincipal):
    """As the stand-in's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].stand_in)


class SynchronizationJob(synchronization_job.SynchronizationJob):
    """As the stand-in's own."""

    def __init__(self) -> None:
        super().__init__(CLIENTS[-1].stand_in)


async def application(args: dict[str, Any]) -> dict[str, Any]:
    """getApplication of the stand-in."""
    return await get_application.get_application(args, CLIENTS[-1].stand_in)
