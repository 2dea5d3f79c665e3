"""SynchronizationSchema: the attribute mappings of users and groups, these and no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from eptura_scim import mapping
from eptura_scim.graph.errors import GraphError, NotFoundError
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient
from eptura_scim.mapping import Mappings, SchemaError
from eptura_scim.plugin_sdk.difference import Path, differences, render
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.base import JobInputs, JobResource, parse_id

__all__ = ["SchemaInputs", "SynchronizationSchema"]


_MAPPINGS = {field.alias for field in Mappings.model_fields.values()}
_EXTERNAL_ID = ("users", "externalId")
_KEPT = "users who were provisioned before keep their externalId: Eptura never changes one"
_NOT_CORRECTED = "the externalId of existing users cannot be corrected: Eptura never changes one"
_FILTERS = {"userFilter", "groupFilter"}


class SchemaInputs(JobInputs, Mappings):
    """The mappings of one job."""


class SynchronizationSchema(JobResource[SchemaInputs]):
    """The attribute mappings of a synchronization job, keyed by target attribute. Mappings that are not declared are
    removed; the rest of the schema is left as it is. A change starts a new initial cycle over all users.
    """

    inputs = SchemaInputs

    def equivalent(self, path: Path, old: Any, new: Any) -> bool:
        """Sources and scoping filters are compared by what they mean."""
        if path[-1] == "source":
            return mapping.same_source(str(old), str(new))
        if path[-1] in _FILTERS:
            return mapping.same_filter(str(old), str(new))
        return super().equivalent(path, old, new)

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """Attributes of a changed filter that Entra does not have: with such a filter no user would be in scope."""
        if problems := await super().problems(urn, old, new):
            return problems
        if all(new.get(name) in {None, old.get(name)} for name in _FILTERS):
            return []
        try:
            wanted = SchemaInputs.model_validate(new)
            live = await (await self.api()).schema(wanted.job)
        except (GraphError, ValidationError):  # what cannot be read or is not known yet is judged by the update
            return []
        found = [problem.partition(": ") for problem in mapping.unknown_filter_attributes(live, wanted)]
        return [(name, reason) for name, _, reason in found]

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """A changed schema is processed from the start, for everyone."""
        changed = [path for path in paths if path[0] in _MAPPINGS]
        warnings = []
        if changed:
            warnings.append("changed mappings start a new initial cycle over all users and groups")
        if any(path[-1] == "matchingPrecedence" for path in changed):
            warnings.append("the matching attributes change: objects may be linked to others at the target")
        filters = {str(path[0]) for path in changed} & _FILTERS
        if any(new.get(name) for name in filters):
            warnings.append("the scoping filter changes: who is outside of it will be disabled at the target")
        if any(not new.get(name) for name in filters):
            warnings.append("a scoping filter is removed: all that it left out will be created at the target")
        if changed:
            warnings += await self._undefined_attributes(old, new)
        if any(path[:2] == _EXTERNAL_ID and path[2:] in {(), ("source",)} for path in changed):
            warnings += await self._kept_external_ids(old)
        return warnings

    async def create(self, urn: str, inputs: SchemaInputs) -> Created:
        """Converge the schema of a job, new or not."""
        await self.consistency.retry_new_object(lambda: self._converge(inputs))
        return Created(self.id_of(inputs.job))

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[SchemaInputs, dict[str, Any]] | None:
        """The live mappings."""
        api, job = await self.api(), parse_id(resource_id)
        schema = await self.consistency.read_or_gone(
            lambda: self.consistency.confirmed(
                lambda: api.schema(job), lambda found: not last_inputs or not self._differing(found, last_inputs)
            )
        )
        if schema is None:
            return None
        return SchemaInputs.model_construct(
            service_principal_id=job.service_principal, job_id=job.job, **dict(mapping.mappings_of(schema))
        ), {}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: SchemaInputs) -> dict[str, Any]:
        """Converge the schema."""
        await self.consistency.retry_existing_object(lambda: self._converge(new))
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Nothing: the template's default mappings would give users an externalId that Eptura never changes."""

    async def _undefined_attributes(self, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
        """Target attributes that neither the live schema nor the template defines: the update will be refused."""
        try:
            api, job = await self.api(), JobRef(old["servicePrincipalId"], old["jobId"])
            wanted, live = SchemaInputs.model_validate(new), await api.schema(job)
            template = await _template(api, job) if mapping.needs_template(live, wanted) else None
            return mapping.undefined_attributes(live, wanted, template)
        except (GraphError, ValidationError, SchemaError):  # what cannot be read is judged by the update
            return []

    async def _kept_external_ids(self, old: dict[str, Any]) -> list[str]:
        """Eptura's SCIM API: "'ExternalId' is a fixed user attribute and cannot be updated" (C5)."""
        try:
            job = await (await self.api()).job(JobRef(old["servicePrincipalId"], old["jobId"]))
        except GraphError:
            return [_KEPT]
        if job.status.ever_ran:
            return [f"this application has already run a cycle; {_NOT_CORRECTED}"]
        return [_KEPT] if job.scheduled else []

    async def _converge(self, inputs: SchemaInputs) -> None:
        """One PUT of the whole schema, and none when it says the same already: a PUT costs a new initial cycle."""
        api, job = await self.api(), inputs.job
        live = await self.consistency.confirmed(lambda: api.schema(job), lambda live: bool(self._problem(live, inputs)))
        if problems := mapping.unknown_filter_attributes(live, inputs):
            raise ResourceError(
                f"{'; '.join(problems)}. No user or group would be in scope, so the mappings were not written"
            )
        template = await _template(api, job) if mapping.needs_template(live, inputs) else None
        if problems := mapping.undefined_attributes(live, inputs, template):
            raise ResourceError(f"{'; '.join(problems)}. The mappings were not written")
        edited = mapping.apply(live, inputs, await _sources(api, job, live, inputs), template)
        if edited == live:
            return
        if (problem := mapping.external_id_problem(edited)) and (await api.job(job)).scheduled:
            raise ResourceError(f"{problem}. Provisioning is on, so the mappings were not written")
        await api.put_schema(job, edited)
        await self.consistency.wait_until(lambda: api.schema(job), lambda saved: self._problem(saved, inputs))

    def _problem(self, saved: dict[str, Any], wanted: Mappings) -> str:
        paths = ", ".join(map(render, self._differing(saved, dump(wanted))))
        return f"Entra still shows something else at {paths}" if paths else ""

    def _differing(self, schema: dict[str, Any], wanted: dict[str, Any]) -> list[Path]:
        """Where a schema has other mappings than these, in wire names."""
        expected = {name: value for name, value in wanted.items() if name in _MAPPINGS}
        return [path for path, _ in differences(dump(mapping.mappings_of(schema)), expected, self.equivalent)]


async def _sources(api: SynchronizationClient, job: JobRef, live: dict[str, Any], wanted: Mappings) -> dict[str, Any]:
    return {text: await api.parse_expression(job, text) for text in mapping.expressions_to_parse(live, wanted)}


async def _template(api: SynchronizationClient, job: JobRef) -> dict[str, Any] | None:
    """The schema of the job's template; None where it cannot be read."""
    try:
        return await api.template_schema(job.service_principal, (await api.job(job)).template_id)
    except NotFoundError:
        return None
