"""The rules of a tenant, put together over one store: what the HTTP side, the portal and cycles share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from eptura_scim.local_entra.clock import AdvancingClock
from eptura_scim.local_entra.directory.administrative_units import AdministrativeUnits
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.caller import Caller, built_in_records
from eptura_scim.local_entra.directory.claims_policies import ClaimsPolicies
from eptura_scim.local_entra.directory.objects import Objects
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.permissions import Permissions
from eptura_scim.local_entra.portal.portal import Portal
from eptura_scim.local_entra.provisioning.job_config import JobConfigs
from eptura_scim.local_entra.provisioning.on_demand import OnDemandService
from eptura_scim.local_entra.provisioning.provisioning_log import ProvisioningLog
from eptura_scim.local_entra.provisioning.scheduler import Provisioning
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.connection import ConnectionTest
from eptura_scim.local_entra.synchronization.cycle_memory import CycleStates
from eptura_scim.local_entra.synchronization.jobs import Synchronization
from eptura_scim.local_entra.tenant import Tenant

__all__ = ["Parts"]


@dataclass(frozen=True)
class Parts:
    """Users, applications, jobs and cycles of one tenant."""

    tenant: Tenant
    clock: AdvancingClock
    directory: ApplicationRegistry
    people: People
    permissions: Permissions
    identity: Caller
    objects: Objects
    units: AdministrativeUnits
    policies: ClaimsPolicies
    states: CycleStates
    synchronization: Synchronization
    connection: ConnectionTest
    portal: Portal
    job_configs: JobConfigs
    provisioning: Provisioning
    on_demand: OnDemandService

    @classmethod
    def of(
        cls,
        tenant: Tenant,
        store: Store,
        switches: Switches,
        clock: AdvancingClock,
        client: Callable[[], httpx.AsyncClient],
    ) -> Parts:
        """Put the parts together; `client` makes the HTTP client of connection tests and cycles."""
        directory = ApplicationRegistry(tenant, store, clock, switches, built_in_records(tenant))
        people = People(directory, store, clock)
        units = AdministrativeUnits(store, people)
        permissions = Permissions(tenant.permissions)
        identity = Caller(tenant, permissions)
        states = CycleStates(store)
        synchronization = Synchronization(directory, switches, clock, states)
        job_configs = JobConfigs(synchronization, people, states, switches, clock, tenant)
        log = ProvisioningLog(directory, store, clock)
        provisioning = Provisioning(directory, job_configs, clock, client, log)
        return cls(
            tenant=tenant,
            clock=clock,
            directory=directory,
            people=people,
            permissions=permissions,
            identity=identity,
            objects=Objects(directory, people, units),
            units=units,
            policies=ClaimsPolicies(store, directory),
            states=states,
            synchronization=synchronization,
            connection=ConnectionTest(switches, client),
            portal=Portal(directory, synchronization, people),
            job_configs=job_configs,
            provisioning=provisioning,
            on_demand=OnDemandService(provisioning, job_configs, clock),
        )
