"""A job's configuration, ready for provisioning: settings, compiled mappings, scope, and what is remembered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from eptura_scim.local_entra.clock import Clock
from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules, rules_of
from eptura_scim.local_entra.provisioning.job_settings import JobSettings
from eptura_scim.local_entra.provisioning.object_sync import ObjectSync
from eptura_scim.local_entra.provisioning.patch import Dialect
from eptura_scim.local_entra.provisioning.scope import CycleScope, filter_of
from eptura_scim.local_entra.provisioning.target import Target, TargetError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import CycleState, CycleStates
from eptura_scim.local_entra.synchronization.jobs import Synchronization
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.mapping import EvaluationContext
from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.source import source_attributes
from eptura_scim.types import Json, Kind

__all__ = ["JobConfig", "JobConfigs", "JobKey", "creation_body"]

JobKey = tuple[str, str]
"""Object id of the service principal, and id of the job."""


@dataclass(frozen=True, slots=True)
class JobConfig:
    """What a job is configured to do."""

    settings: JobSettings
    rules: CompiledRules
    scope: CycleScope
    state: CycleState
    people: People
    switches: Switches

    @property
    def test_attribute(self) -> str:
        """The attribute by which the connection test asks for a user that does not exist."""
        return next((row.target for row in self.rules.users.matching), "userName")

    def sync(self, target: Target, dialect: Dialect, *, is_initial: bool) -> ObjectSync:
        """What provisions single objects."""
        return ObjectSync(
            people=self.people,
            rules=self.rules,
            scope=self.scope,
            state=self.state,
            target=target,
            sources=source_attributes,
            switches=self.switches,
            dialect=dialect,
            skip_out_of_scope=self.settings.skip_out_of_scope,
            is_initial=is_initial,
        )

    def further(self, sync: ObjectSync) -> list[tuple[Kind, ObjectSync]]:
        """What provisions single objects by the further mappings, each with the kind of its objects."""
        return [
            (
                found.kind,
                replace(sync, rules=self.rules.by(found), scope=self.scope.with_filter(found.kind, found.scope)),
            )
            for found in self.rules.further
        ]


@dataclass(frozen=True, slots=True)
class JobConfigs:
    """Reads the configuration of jobs as it is at the moment."""

    synchronization: Synchronization
    people: People
    states: CycleStates
    switches: Switches
    clock: Clock
    tenant: Tenant

    def of(self, key: JobKey) -> JobConfig:
        """The configuration of a job. Raises ODataError, and TargetError for a schema that cannot be used."""
        owner = ("servicePrincipals", key[0])
        with self.people.lock:
            settings = JobSettings.of(self.synchronization.saved_secrets(owner), self.switches)
            schema = self.synchronization.schema(owner, key[1])
            state = self.states.of(key[1])
        try:
            rules = rules_of(schema, lambda: _context(self.clock, self.tenant))
        except SchemaError as error:
            raise TargetError("SchemaInvalid", f"The schema cannot be used: {error}.") from None
        filters = {"User": filter_of(rules.users.scope), "Group": filter_of(rules.groups.scope)}
        scope = CycleScope(self.people, key[0], sync_all=settings.sync_all, filters=filters)  # type: ignore[arg-type]
        return JobConfig(settings, rules, scope, state, self.people, self.switches)


def creation_body(schema: Json, kind: Kind, entry: PrincipalEntry, clock: Clock, tenant: Tenant) -> Json:
    """What a cycle under a schema would create a user or group with. Raises TargetError for one that would fail."""
    rules = rules_of(schema, lambda: _context(clock, tenant)).of(kind)
    return rules.body(rules.created({**source_attributes(kind, entry), "IsSoftDeleted": False}))


def _context(clock: Clock, tenant: Tenant) -> EvaluationContext:
    return EvaluationContext(now=clock(), default_domain=tenant.domain)
