"""SynchronizationSchema: the attribute mappings of users and groups, these and no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from eptura_scim import mapping
from eptura_scim.graph.errors import GraphError, NotFoundError
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient
from eptura_scim.mapping import Mappings, SchemaError
from eptura_scim.plugin_sdk.difference import DifferenceKind, Path, render
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
_FURTHER = "furtherMappings"
_KINDS = ("users", "groups")


class SchemaInputs(JobInputs, Mappings):
    """The mappings of one job."""

    further_mappings: list[str] | None = Field(
        default=None,
        description="Further mappings of users or groups that may be on, of this or another synchronization rule, by "
        "the names that a preview shows. An update switches others off.",
    )


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

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Path, DifferenceKind]]:
        """A further mapping that may be on, and is off, is not a difference."""
        found = super().differences(old, new)
        return found if _further(old) - _further(new) else [one for one in found if one[0][0] != _FURTHER]

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """Attributes of a changed filter that Entra does not have: with such a filter no user would be in scope."""
        self.changes.of(str(new["servicePrincipalId"])).parts.add("mappings")
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
        changed = [path for path in paths if path[0] in _MAPPINGS or path[0] == _FURTHER]
        warnings = []
        if changed:
            warnings.append("changed mappings start a new initial cycle over all users and groups")
        if any(path[-1] == "matchingPrecedence" for path in changed):
            warnings.append("the matching attributes change: objects may be linked to others at the target")
        for kind, target in dict.fromkeys(path[:2] for path in changed if _is_source_of_match(path, old, new)):
            warnings.append(
                f"the source of {kind}.{target} changes, by which {kind} are matched: those that Entra has linked get "
                "the new value at the target; others are created again where the target has only the old value"
            )
        filters = {str(path[0]) for path in changed} & _FILTERS
        if any(new.get(name) for name in filters):
            warnings.append("the scoping filter changes: who is outside of it will be disabled at the target")
        if any(not new.get(name) for name in filters):
            warnings.append("a scoping filter is removed: all that it left out will be created at the target")
        if others := sorted(_further(old) - _further(new)):
            warnings.append(
                f"further mappings of the application are switched off: {', '.join(others)}; users whom they alone let "
                "in will be disabled at the target, groups deleted"
            )
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
            service_principal_id=job.service_principal,
            job_id=job.job,
            further_mappings=[*mapping.further_mappings(schema)] or None,
            **dict(mapping.mappings_of(schema)),
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
        edited = mapping.disable_further_mappings(edited, inputs.further_mappings or ())
        if edited == live:
            return
        if (problem := mapping.external_id_problem(edited)) and (await api.job(job)).scheduled:
            raise ResourceError(f"{problem}. Provisioning is on, so the mappings were not written")
        await api.put_schema(job, edited)
        await self.consistency.wait_until(lambda: api.schema(job), lambda saved: self._problem(saved, inputs))
        self.changes.of(job.service_principal).mappings_problem = lambda saved: self._problem(saved, inputs)

    def _problem(self, saved: dict[str, Any], wanted: Mappings) -> str:
        paths = ", ".join(map(render, self._differing(saved, dump(wanted))))
        return f"Entra still shows something else at {paths}" if paths else ""

    def _differing(self, schema: dict[str, Any], wanted: dict[str, Any]) -> list[Path]:
        """Where a schema has other mappings than these, in wire names."""
        live = {**dump(mapping.mappings_of(schema)), _FURTHER: [*mapping.further_mappings(schema)]}
        expected = {name: value for name, value in wanted.items() if name in _MAPPINGS or name == _FURTHER}
        return [path for path, _ in self.differences(live, expected)]


def _is_source_of_match(path: Path, *values: dict[str, Any]) -> bool:
    """Whether a change concerns the source of an attribute that is matched before the change or after it."""
    if path[0] not in _KINDS or path[2:] not in {(), ("source",)} or len(path) < 2:
        return False
    rows = [(value.get(path[0]) or {}).get(path[1]) for value in values]
    return any(isinstance(row, dict) and row.get("matchingPrecedence") for row in rows)


def _further(values: dict[str, Any]) -> set[str]:
    return {*(values.get(_FURTHER) or ())}


async def _sources(api: SynchronizationClient, job: JobRef, live: dict[str, Any], wanted: Mappings) -> dict[str, Any]:
    return {text: await api.parse_expression(job, text) for text in mapping.expressions_to_parse(live, wanted)}


async def _template(api: SynchronizationClient, job: JobRef) -> dict[str, Any] | None:
    """The schema of the job's template; None where it cannot be read."""
    try:
        return await api.template_schema(job.service_principal, (await api.job(job)).template_id)
    except NotFoundError:
        return None
