"""Finding a user or group, its mappings and its scope for `simulate`: in the tenant, or in an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from eptura_scim.errors import ReadableError
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.errors import GraphError
from eptura_scim.graph.identity import default_domain
from eptura_scim.graph.principals import Principal, Principals
from eptura_scim.jobs.assigned import SCOPE_UNSET, assigned_by_settings
from eptura_scim.jobs.errors import JobSelectorError
from eptura_scim.jobs.locate import JobSelector, JobSession, open_job
from eptura_scim.mapping import Mappings
from eptura_scim.mapping.flow import ObjectFlow, object_flow
from eptura_scim.mapping.source import REFERENCES
from eptura_scim.quantities import counted
from eptura_scim.settings import Settings
from eptura_scim.simulation.directory_check.open_directory import chosen_settings, live_mappings
from eptura_scim.simulation.directory_check.partition import PageEnd, Unreadable, kind_of
from eptura_scim.simulation.directory_check.sources.files import open_export
from eptura_scim.simulation.preview import Preview, differences, preview
from eptura_scim.simulation.report import SimulationReport, simulation_report
from eptura_scim.simulation.select_mappings import MappingsName
from eptura_scim.types import Kind

__all__ = ["NotFoundOnceError", "Simulation"]


class NotFoundOnceError(ReadableError):
    """No object, or more than one, has the name."""


@dataclass
class _Found:
    kind: Kind
    object: dict[str, Any]
    is_assigned: bool = True
    default_domain: str | None = None
    """The tenant's, where a mapping looks at it and it could be read."""


class Simulation:
    """Simulates single users and groups. Methods raise ReadableError."""

    def __init__(self, selector: JobSelector, stack: str | None, source: Path | None, now: datetime) -> None:
        self._selector = selector
        self._stack = stack
        self._source = source
        self._now = now
        self._notes: list[str] = []
        self._settings: Settings | None = None

    async def of(self, name: str, which: str | None, *, group: bool) -> SimulationReport:
        """Simulate one user or group; `which` names the mappings, `change` compares the live ones with the stack's."""
        mappings, called = await self._mappings("stack" if which == "change" else which)
        kind: Kind | None = "Group" if group else None
        live = await live_mappings(self._selector) if which == "change" else None
        found = await self._found(name, kind, [mappings, live] if live else [mappings])
        shown = self._preview(mappings, found)
        return simulation_report(
            shown,
            object_id=str(found.object.get("id") or ""),
            name=str(found.object.get("userPrincipalName") or found.object.get("displayName") or name),
            mappings=called,
            notes=self._notes,
            changes=differences(self._preview(live, found), shown) if live else None,
        )

    def _preview(self, mappings: Mappings, found: _Found) -> Preview:
        try:
            return preview(
                mappings,
                found.kind,
                found.object,
                self._now,
                is_assigned=found.is_assigned,
                default_domain=found.default_domain,
            )
        except (TypeError, AttributeError, KeyError, IndexError) as error:
            raise NotFoundOnceError(
                f"{found.object.get('id')} is not as Microsoft Graph shows a {found.kind.lower()}: {error}"
            ) from error

    async def _mappings(self, which: str | None) -> tuple[Mappings, str]:
        if which == MappingsName.LIVE:
            return await live_mappings(self._selector), "the live mappings"
        name = MappingsName(which) if which else None
        chosen = chosen_settings(name, self._selector.project, self._stack, self._notes.append)
        self._settings = chosen.settings if chosen.stack else None
        if chosen.settings.scope == "assigned" and self._source is not None:
            self._notes.append("the scope is assigned users and groups: an export does not say who is assigned")
        return chosen.settings.mappings, chosen.source

    async def _found(self, name: str, kind: Kind | None, mappings: list[Mappings]) -> _Found:
        if self._source is not None:
            return _only(list(_exported(self._source, name, kind, mappings[0])), name, str(self._source))
        try:
            async with open_job(self._selector) as session:
                found = await _in_tenant(session.client, name, kind, mappings, self._notes)
                await self._check_scope(session, found)
                return found
        except JobSelectorError as error:
            if self._selector.service_principal or self._selector.stack:
                raise
            reason = str(error)
        client = await connect()
        try:
            found = await _in_tenant(client, name, kind, mappings, self._notes)
        finally:
            await client.close()
        if self._settings and self._settings.scope == "assigned":
            found.is_assigned = found.object.get("id") in (await assigned_by_settings(self._settings)).ids
        else:
            self._notes.append(f"assignment not checked: {reason}")
        return found

    async def _check_scope(self, session: JobSession, found: _Found) -> None:
        scope = (await session.api.connection(session.ref.service_principal)).scope
        if scope == "unset":
            self._notes.append(SCOPE_UNSET)
        if scope == "assigned":
            found.is_assigned = await Principals(session.client).is_assigned(
                _principal(found), session.ref.service_principal
            )


def _exported(source: Path, name: str, kind: Kind | None, mappings: Mappings) -> Iterator[_Found]:
    wanted = name.casefold()
    for partition in open_export(source, mappings).partitions:
        for _, found in partition.objects():
            if isinstance(found, Unreadable | PageEnd):
                continue
            own = partition.kind or kind_of(found)
            names = ("id", "userPrincipalName", "mail") if own == "User" else ("id", "displayName")
            if kind in {None, own} and any(str(found.get(key) or "").casefold() == wanted for key in names):
                yield _Found(own, dict(found))


def _only(found: list[_Found], name: str, where: str) -> _Found:
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFoundOnceError(
            f"{where}: {name!r} not found: it is not a user's userPrincipalName, mail or object id, "
            "nor a group's name or object id"
        )
    ids = "".join(f"\n  {one.object.get('id')} {one.kind.lower()}" for one in found[:20])
    raise NotFoundOnceError(
        f"{where}: {counted(len(found), 'object')} are called {name!r}; give the object id of one:{ids}"
    )


async def _in_tenant(
    client: GraphClient, name: str, kind: Kind | None, mappings: list[Mappings], notes: list[str]
) -> _Found:
    matches = [one for one in await Principals(client).find(name) if kind in {None, one.kind}]
    subject = _only([_Found(one.kind, {"id": one.id}) for one in matches], name, "the tenant")
    flows = [object_flow(one, subject.kind) for one in mappings]
    names = sorted({name for flow in flows for name in flow.properties})
    principals, principal = Principals(client), _principal(subject)
    subject.object = await principals.properties(principal, names)
    for reference in sorted(_references(flows)):
        try:
            subject.object[reference] = await _referenced(principals, principal, reference)
        except GraphError as error:  # it follows the object: all else can be shown without
            notes.append(f"{reference} could not be read: {error}")
    if any(_looks_at_the_domain(flow) for flow in flows):
        try:
            subject.default_domain = await default_domain(client) or None
        except GraphError as error:
            notes.append(f"the tenant's default domain could not be read: {error}")
    return subject


def _looks_at_the_domain(flow: ObjectFlow) -> bool:
    texts = (str(row.mapping.source or "") for row in flow.rows)
    return any("defaultdomain(" in text.replace(" ", "").casefold() for text in texts)


def _references(flows: list[ObjectFlow]) -> set[str]:
    return {name for flow in flows for row in flow.rows for name in row.attributes if name in REFERENCES}


async def _referenced(principals: Principals, principal: Principal, name: str) -> Any:
    """The objects that an attribute refers to, which $select does not give."""
    return await (principals.manager(principal) if name == "manager" else principals.related(principal, name))


def _principal(found: _Found) -> Principal:
    return Principal(found.kind, str(found.object.get("id")), "", "")
