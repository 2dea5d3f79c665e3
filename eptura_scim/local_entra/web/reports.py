"""What the pages and the commands show: people and what arrived of them, and what a cycle did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from eptura_scim.local_entra.directory.principal_models import PrincipalEntry
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.parts import Parts
from eptura_scim.local_entra.provisioning.cycle import CycleReport
from eptura_scim.local_entra.provisioning.job_config import JobConfig
from eptura_scim.local_entra.provisioning.scope import ScopeDecision
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.mapping.source import source_attributes
from eptura_scim.quantities import counted
from eptura_scim.report import Report
from eptura_scim.types import Kind

__all__ = [
    "CycleSummary",
    "EnterpriseApplication",
    "Failed",
    "PeopleReport",
    "PrincipalReport",
    "application_of",
    "people_report",
]


_NAMED = 50


class PrincipalReport(Report):
    """A user or group of the directory."""

    kind: Kind
    id: str
    name: str
    """userPrincipalName of a user, displayName of a group."""
    display_name: str
    about: str
    """A user's department, guest or disabled; a group's members."""
    in_scope: bool | None
    """None without a job, or where the configuration of the job cannot be used."""
    reason: str
    """Why it is not in scope; empty where it is."""
    arrived: str | None
    """What the SCIM server has: userName or displayName; None where it has nothing of it."""
    is_active: bool | None
    """`active` at the SCIM server; None for groups and for what did not arrive."""
    failure: str | None
    """Why it failed last."""


class PeopleReport(Report):
    """The users and groups, by the scope of one application's job."""

    application: str | None
    """None where the tenant has no application with a job, or more than one and none was named."""
    problem: str | None
    """Why the scope is not known."""
    people: tuple[PrincipalReport, ...]


class Failed(Report):
    """An object that a cycle could not provision."""

    name: str
    code: str
    reason: str


class CycleSummary(Report):
    """What a cycle did, by name."""

    application: str
    kind: Literal["initial", "incremental"]
    began: datetime
    created: tuple[str, ...]
    updated: tuple[str, ...]
    disabled: tuple[str, ...]
    deleted: tuple[str, ...]
    held_back: tuple[str, ...]
    """Deletions above the threshold: none of them was done."""
    members_added: int
    members_removed: int
    failed: tuple[Failed, ...]
    ended_early: str | None
    """Why the cycle ended before its end; the job is in quarantine then."""

    @classmethod
    def of(cls, application: str, report: CycleReport, name_of: Callable[[str], str]) -> CycleSummary:
        """The summary of a cycle's report; `name_of` gives the name of an object id."""
        members = [Failed(name=name_of(it.group), code=it.code, reason=it.message) for it in report.members if it.code]
        failed = [
            Failed(name=it.label or name_of(it.source), code=it.code, reason=it.message)
            for it in report.outcomes
            if it.status == "Failure"
        ]
        return cls(
            application=application,
            kind=report.kind,
            began=report.began,
            created=tuple(report.of("Create")),
            updated=tuple(report.of("Update")),
            disabled=tuple(report.of("Disable")),
            deleted=tuple(report.of("Delete")),
            held_back=tuple(report.of("StagedDelete")),
            members_added=sum(it.added for it in report.members),
            members_removed=sum(it.removed for it in report.members),
            failed=(*failed, *members),
            ended_early=None if report.error is None else f"{report.error.code}: {report.error.message}",
        )

    def lines(self) -> Iterator[str]:
        """The summary for a person, line by line."""
        yield f"{self.kind} cycle of {self.application}"
        done = (
            ("created", self.created),
            ("updated", self.updated),
            ("disabled", self.disabled),
            ("deleted", self.deleted),
            ("held back by the deletion threshold", self.held_back),
        )
        for word, names in done:
            yield from (f"{word}: {name}" for name in names[:_NAMED])
            if more := names[_NAMED:]:
                yield f"{word}: {len(more)} more"
        if self.members_added or self.members_removed:
            yield f"members of groups: {self.members_added} added, {self.members_removed} removed"
        for failed in self.failed:
            yield f"failed: {failed.name}: {failed.code}: {failed.reason}"
        if self.ended_early is not None:
            yield f"ended early, the job is in quarantine: {self.ended_early}"
        elif not (any(names for _, names in done) or self.members_added or self.members_removed or self.failed):
            yield "nothing to do"


@dataclass(frozen=True, slots=True)
class EnterpriseApplication:
    """An enterprise application and its first job."""

    id: str
    """Object id of the service principal."""
    name: str
    job: str | None


def application_of(parts: Parts, name: str | None) -> EnterpriseApplication:
    """The application that is named, or the tenant's only one. Raises UnknownAppError."""
    portal = parts.portal if name is None else parts.portal.of(name)
    found = portal.service_principal()
    return EnterpriseApplication(found["id"], found["displayName"], next(iter(portal.jobs()), None))


def people_report(
    parts: Parts, scim: ScimServer, application: EnterpriseApplication | None, problem: str | None
) -> PeopleReport:
    """The users and groups, and what arrived of them by the application's job."""
    config: JobConfig | None = None
    if application is not None and application.job is not None:
        try:
            config = parts.job_configs.of((application.id, application.job))
        except (TargetError, ODataError) as error:
            problem = error.message
    elif application is not None:
        problem = f"the application {application.name!r} has no provisioning job"
    arrived = {str(resource["id"]): resource for resource in scim.resources()}
    return PeopleReport(
        application=None if application is None else application.name,
        problem=problem,
        people=tuple(_people(parts, config, arrived)),
    )


def _people(parts: Parts, config: JobConfig | None, arrived: dict[str, Any]) -> Iterator[PrincipalReport]:
    with parts.people.lock:
        for user in parts.people.users():
            yield _person("User", user, _about_user(user), config, arrived)
        for group in parts.people.groups():
            members = counted(len(parts.people.members(group["id"])), "member")
            yield _person("Group", group, members, config, arrived)


def _person(
    kind: Kind, entry: PrincipalEntry, about: str, config: JobConfig | None, arrived: dict[str, Any]
) -> PrincipalReport:
    identifier = entry["id"]
    in_scope, reason = (None, "") if config is None else _judged(config, kind, entry)
    link = None if config is None else config.state.link(identifier)
    there = arrived.get(link.target) if link is not None else None
    failure = None if config is None else config.state.escrowed(identifier)
    if failure is None and config is not None:
        failure = config.state.escrowed(identifier, reference=True)
    return PrincipalReport(
        kind=kind,
        id=identifier,
        name=entry["userPrincipalName" if kind == "User" else "displayName"],
        display_name=entry["displayName"],
        about=about,
        in_scope=in_scope,
        reason=reason,
        arrived=None if there is None else str(there.get("userName") or there.get("displayName") or ""),
        is_active=None if there is None or kind == "Group" else there.get("active") is not False,
        failure=None if failure is None else f"{failure.code}: {failure.message}",
    )


def _about_user(user: PrincipalEntry) -> str:
    parts = (
        str(user.get("department") or ""),
        "guest" if user.get("userType") == "Guest" else "",
        "disabled" if user.get("accountEnabled") is False else "",
    )
    return ", ".join(filter(None, parts))


def _judged(config: JobConfig, kind: Kind, entry: PrincipalEntry) -> tuple[bool | None, str]:
    if not config.rules.of(kind).enabled:
        return False, f"{kind.lower()}s are not provisioned"
    try:
        found = config.scope.of(kind, entry, source_attributes(kind, entry))
    except TargetError as error:
        return None, error.message
    return found.in_scope, _reason(found)


def _reason(found: ScopeDecision) -> str:
    if found.in_scope:
        return ""
    if not found.is_active:
        return "disabled in Entra"
    return "not assigned" if not found.is_entitled else "left out by the scoping filter"
