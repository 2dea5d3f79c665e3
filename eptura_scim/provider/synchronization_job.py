"""SynchronizationJob: the provisioning job of a service principal. It is created stopped; SynchronizationJobState
starts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic import Field

from eptura_scim.graph.errors import GraphError, ReplyError, RequestRefusedError, UnreachableError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import JobRef, SynchronizationClient
from eptura_scim.plugin_sdk.difference import DifferenceKind, Path
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.provider.base import GraphResource, ServicePrincipalInputs, last_part, parse_id
from eptura_scim.provider.configuration import GROUPS, Changes, Configuration, changes, recorded
from eptura_scim.provider.live_configuration import live_configuration

__all__ = ["SynchronizationJob", "SynchronizationJobInputs"]

_REMOVED_LAST = (
    "assignments that the program no longer declares are removed after the restart, and a cycle in between sees them: "
    "where it must not, make this change with provisioning off, and switch it on in the next run"
)


class SynchronizationJobInputs(ServicePrincipalInputs):
    """A job and the template that it is made from."""

    template_id: str = Field(default="scim", min_length=1, description="The template of a new job.")
    configuration: Configuration | None = Field(
        default=None,
        description="What the program declares for this job. A run that changes more than one group of settings pauses "
        "the job before it writes any of them.",
    )


class SynchronizationJob(GraphResource[SynchronizationJobInputs]):
    """The synchronization job of an application. Create takes over a job of the template that exists already, and
    never makes a second one.
    """

    inputs = SynchronizationJobInputs
    digests = frozenset({"configuration", *(f"configuration.{name}" for name in GROUPS)})
    replace_on = frozenset({"servicePrincipalId", "templateId"})

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        # The job of each service principal and template that this run made, took over or imported.
        self._taken: dict[tuple[ServicePrincipalId, str], JobRef] = {}

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """As its base. Notes what is declared: SynchronizationJobState, which is checked later, asks for it.

        Where no refresh tells what the last whole run declared, after an import say, what Entra has counts as that.
        """
        principal, declared = str(new["servicePrincipalId"]), new.get("configuration")
        change = self.changes.of(principal)
        change.declared = declared
        if declared and old and not change.completed:
            with suppress(GraphError):
                api = await self.api()
                job = await self._existing(api, ServicePrincipalId(principal), str(new["templateId"]))
                ref = job and JobRef(ServicePrincipalId(principal), job)
                change.completed = ref and _wire(await live_configuration(api, ref))
        return await super().problems(urn, old, new)

    def is_declared(self, resource_id: str, old: dict[str, Any]) -> bool:
        """As its base, unless this run took another job: by an import, say."""
        ref = parse_id(resource_id)
        taken = self._taken.get((ref.service_principal, str(old.get("templateId"))), ref)
        return super().is_declared(resource_id, old) and taken == ref

    def equivalent(self, path: Path, old: Any, new: Any) -> bool:
        """azuread writes the path of the service principal where we write its object id."""
        if path == ("servicePrincipalId",):
            return last_part(old).lower() == last_part(new).lower()
        return super().equivalent(path, old, new)

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Path, DifferenceKind]]:
        """A changed configuration counts where the job has to be paused for it; other resources write the change."""
        found = super().differences(old, new)
        changes = self._changes(str(new.get("servicePrincipalId")), old, new.get("configuration"))
        if changes.several_writes or changes.turned_off:
            if not any(path[0] == "configuration" for path, _ in found):  # a cut run recorded what it did not write
                found.append((("configuration",), "update"))
            return found
        return [(path, kind) for path, kind in found if path[0] != "configuration"]

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """What a pause means, or the end of another application's job. Plans the restart of a job that stays on."""
        if ("servicePrincipalId",) in paths:
            other = last_part(old["servicePrincipalId"])
            return [
                f"the job of the service principal {other} is deleted, and Entra's links "
                "with it: if this stack does not manage that application, run `pulumi state delete` for the "
                "SynchronizationJob first"
            ]
        if not any(path[0] == "configuration" for path in paths):
            return []
        principal = str(new["servicePrincipalId"])
        changes = self._changes(principal, old, new.get("configuration"))
        if changes.turned_off:
            return ["provisioning stops before anything else changes; a running cycle finishes"]
        self.changes.of(principal).plan()
        return [
            "provisioning is paused before the first of these changes and restarts after the last",
            *([_REMOVED_LAST] if changes.removes_assignments else []),
        ]

    async def create(self, urn: str, inputs: SynchronizationJobInputs) -> Created:
        """Take over the template's job, or make it. It is not started; one that runs is paused if much is to change."""
        api = await self.api()
        principal = ServicePrincipalId(inputs.service_principal_id)
        job = await self.consistency.retry_new_object(
            lambda: self._taken_over_or_made(api, principal, inputs.template_id)
        )
        ref = self._taken[principal, inputs.template_id] = JobRef(principal, job)
        made = await self.consistency.retry_new_object(lambda: api.job(ref))
        if made.scheduled:
            was = self.changes.of(principal).completed or _wire(await live_configuration(api, ref))
            await self._prepare(api, ref, changes(_wire(inputs.configuration), was))
        return Created(ref.path)

    async def read(
        self, resource_id: str, last_inputs: dict[str, Any]
    ) -> tuple[SynchronizationJobInputs, dict[str, Any]] | None:
        """The live job. Warns of a deletion."""
        ref = parse_id(resource_id)
        api = await self.api()
        job = await self.consistency.read_or_gone(lambda: api.job(ref))
        if job is None:
            await self.warn_of_deletion(ref.service_principal, ref.job)
            return None
        if not last_inputs:
            self._taken[ref.service_principal, job.template_id] = ref
        return SynchronizationJobInputs.model_construct(
            service_principal_id=ref.service_principal,
            template_id=job.template_id,
            configuration=recorded(last_inputs.get("configuration")),
        ), {}

    async def update(
        self, urn: str, resource_id: str, old: dict[str, Any], new: SynchronizationJobInputs
    ) -> dict[str, Any]:
        """Pause the job before what is about to change, if it runs."""
        ref, api = parse_id(resource_id), await self.api()
        await self._prepare(api, ref, self._changes(ref.service_principal, old, _wire(new.configuration)))
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Delete the job; accounts at the target stay as they are."""
        ref, api = parse_id(resource_id), await self.api()
        await self.consistency.retry_existing_object(lambda: self.consistency.read_or_gone(lambda: api.delete_job(ref)))

    async def _prepare(self, api: SynchronizationClient, ref: JobRef, changes: Changes) -> None:
        if changes.turned_off:
            await self.consistency.retry_existing_object(lambda: self._stop(api, ref))
        if changes.several_writes:
            await self.consistency.retry_existing_object(
                lambda: self.changes.of(ref.service_principal).pause(api, self.consistency, ref)
            )

    def _changes(self, service_principal: str, old: dict[str, Any], declared: Any) -> Changes:
        """What is to be written: what this state does not have, or what the last run did not come to."""
        return changes(declared, old.get("configuration"), self.changes.of(service_principal).completed)

    async def _taken_over_or_made(
        self, api: SynchronizationClient, principal: ServicePrincipalId, template: str
    ) -> JobId:
        if (found := await self._existing(api, principal, template)) is not None:
            return found
        try:
            return JobId((await api.create_job(principal, template)).id)
        except (UnreachableError, ReplyError, RequestRefusedError):
            # The request may have been carried out although no answer says so: a second one could make a second job.
            made = None
            with suppress(GraphError):
                made = await self.consistency.read_until_found(lambda: self._existing(api, principal, template))
            if made is None:
                raise
            return made

    @staticmethod
    async def _existing(api: SynchronizationClient, principal: ServicePrincipalId, template: str) -> JobId | None:
        """The job of the template, the first of several; Graph lists the oldest first."""
        return next((JobId(job.id) for job in await api.jobs(principal) if job.template_id == template), None)

    async def _stop(self, api: SynchronizationClient, ref: JobRef) -> None:
        if (await self.consistency.confirmed(lambda: api.job(ref), lambda live: live.scheduled)).scheduled:
            await api.pause(ref)


def _wire(configuration: Configuration | None) -> dict[str, Any] | None:
    return None if configuration is None else configuration.model_dump(by_alias=True)
