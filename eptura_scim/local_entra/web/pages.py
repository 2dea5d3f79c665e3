"""The pages: applications, one application, people, what arrived at the SCIM server, the log of calls.

They load nothing, run no script and show no secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.graph.secrets import ConnectionSettings
from eptura_scim.local_entra.api.call_log import Calls
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.parts import Parts
from eptura_scim.local_entra.portal.portal import Portal
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.web.forms import button, forms
from eptura_scim.local_entra.web.reports import EnterpriseApplication, PeopleReport, PrincipalReport, people_report
from eptura_scim.mapping import Mappings, SchemaError, mappings_of
from eptura_scim.page import document, stacked_table, text
from eptura_scim.quantities import counted
from eptura_scim.types import Json

__all__ = ["PLACES", "Pages", "Said"]

_SHOWN = 200
PLACES = {"/": "Applications", "/portal/people": "People", "/portal/eptura": "SCIM server", "/portal/calls": "Calls"}
"""The pages that every page links to, with their names."""


@dataclass(frozen=True, slots=True)
class Said:
    """The result of an edit, shown once at the top of the next page."""

    lines: tuple[str, ...]
    is_error: bool = False


class Pages:
    """Renders the pages of a tenant as it is at the moment."""

    def __init__(self, parts: Parts, scim: ScimServer, calls: Calls) -> None:
        self._parts = parts
        self._scim = scim
        self._calls = calls

    def overview(self, said: Said | None) -> str:
        """All applications with their jobs."""
        return self._page("Local Entra", "/", said, self._overview())

    def application(self, identifier: str, said: Said | None) -> str:
        """One application: its status, settings, mappings and edits. Raises UnknownAppError."""
        portal = self._parts.portal.of(identifier)
        principal = portal.service_principal()
        back = f"/portal/application/{principal['id']}"
        return self._page(principal["displayName"], back, said, self._application(portal, principal, back))

    def people(self, said: Said | None) -> str:
        """Users and groups."""
        return self._page("People", "/portal/people", said, self._people())

    def eptura(self, said: Said | None) -> str:
        """What the SCIM server holds, and what was asked of it."""
        return self._page("SCIM server", "/portal/eptura", said, self._eptura())

    def calls(self, said: Said | None) -> str:
        """The log of calls to Graph and the login."""
        return self._page("Calls", "/portal/calls", said, self._call_log())

    def failure(self, said: Said) -> str:
        """A page that cannot be shown, and why."""
        return self._page("Local Entra", "", said, ())

    # Inside

    def _page(self, title: str, place: str, said: Said | None, parts: Iterable[str]) -> str:
        links = "".join(
            f'<a href="{path}"{" aria-current=page" if path == place else ""}>{name}</a>'
            for path, name in PLACES.items()
        )
        return document(title, f'<nav aria-label="Pages">{links}</nav>{_told(said)}', parts, wide=True)

    def _overview(self) -> Iterator[str]:
        applications = self._applications()
        rows = [
            (
                f'<a href="/portal/application/{text(found.id)}">{text(found.name)}</a>',
                self._job_line(found),
                button("cycle", "Run a cycle now", "/", found.id) if found.job is not None else "",
            )
            for found in applications
        ]
        if rows:
            yield stacked_table("Enterprise applications", ("Application", "Provisioning", "Cycle"), rows)
        else:
            yield "<p>No enterprise application yet: <code>pulumi up</code> makes one, or create one here.</p>"
        deleted = self._parts.directory.bin.applications()
        if deleted:
            names = ", ".join(text(found["displayName"]) for found in deleted)
            yield f"<p>In the recycle bin: {names}</p>"
        yield "<section><h2>Edit by hand</h2>"
        yield from forms("application", "/", only=("create-application", "restore-application"))
        yield "</section>"
        people = self._parts.people
        held = f"{counted(len(people.users()), 'user')}, {counted(len(people.groups()), 'group')}"
        yield (
            f"<section><h2>This tenant</h2><p>{held}; the SCIM server is at <code>{text(self._scim.url)}</code>.</p>"
            "</section>"
        )

    def _applications(self) -> list[EnterpriseApplication]:
        found = []
        for principal in self._parts.directory.service_principals():
            jobs = self._parts.synchronization.jobs(("servicePrincipals", principal["id"]))
            found.append(
                EnterpriseApplication(principal["id"], principal["displayName"], jobs[0]["id"] if jobs else None)
            )
        return found

    def _job_line(self, application: EnterpriseApplication) -> str:
        if application.job is None:
            return "no provisioning job"
        return _job_status(self._parts.synchronization.job(("servicePrincipals", application.id), application.job))

    def _application(self, portal: Portal, principal: Json, back: str) -> Iterator[str]:
        identifier = str(principal["id"])
        rows = (
            ("Enabled for users to sign in", _yes(principal["accountEnabled"])),
            ("Assignment required", _yes(principal["appRoleAssignmentRequired"])),
            ("Visible to users", _yes(FEATURE_TAGS["hide"] not in principal["tags"])),
            ("Notes", text(principal.get("notes") or "")),
            ("Service principal", f"<code>{text(identifier)}</code>"),
        )
        yield "<section><h2>Properties</h2>"
        yield stacked_table("Enterprise application", ("Setting", "Now"), rows)
        yield from forms("application", back, identifier, only=_ONE_APPLICATION)
        yield "</section><section><h2>Provisioning</h2>"
        jobs = portal.jobs()
        if jobs:
            yield button("cycle", "Run a cycle now", back, identifier)
        for job in jobs:
            yield f"<p>{_job_status(portal.at(job).job() if len(jobs) == 1 else self._job_of(identifier, job))}</p>"
        yield from forms("provisioning", back, identifier)
        yield "</section><section><h2>Connectivity and settings</h2>"
        yield stacked_table("Saved", ("Setting", "Now"), _settings(portal.secrets()))
        yield from forms("connection", back, identifier)
        yield "</section>"
        if jobs:
            yield "<section><h2>Attribute mappings</h2>"
            yield from _mappings(portal)
            yield from forms("mappings", back, identifier)
            yield "</section>"
        yield "<section><h2>Users and groups</h2>"
        made = portal.people.assigned()
        assigned = [(text(one["principalDisplayName"]), text(one["principalType"])) for one in made]
        if assigned:
            yield stacked_table("Assigned", ("Name", "Kind"), assigned)
        else:
            yield "<p>No user or group is assigned.</p>"
        yield from forms("people", back, identifier, only=("assign", "unassign"))
        yield "</section>"

    def _job_of(self, principal: str, job: str) -> Json:
        return self._parts.synchronization.job(("servicePrincipals", principal), job)

    def _people(self) -> Iterator[str]:
        applications = [found for found in self._applications() if found.job is not None]
        shown: list[EnterpriseApplication | None] = [*applications] or [None]
        for application in shown:
            report = people_report(self._parts, self._scim, application, None)
            if report.application is not None:
                yield f"<h2>By the scope of {text(report.application)}</h2>"
            if report.problem:
                yield f'<p class="doubt">{text(report.problem)}</p>'
            yield from _people_tables(report)
        yield "<section><h2>Edit by hand</h2>"
        yield from forms("people", "/portal/people", only=_PEOPLE_EDITS)
        yield "</section>"

    def _eptura(self) -> Iterator[str]:
        found = self._scim.resources()
        users = [item for item in found if item["meta"]["resourceType"] == "User"]
        groups = [item for item in found if item["meta"]["resourceType"] == "Group"]
        names = {item["id"]: str(item["userName"]) for item in users}
        held = f"{counted(len(users), 'user')} and {counted(len(groups), 'group')}"
        yield f"<p>{held} at <code>{text(self._scim.url)}</code></p>"
        if users:
            columns = ("userName", "Name", "Active", "externalId", "Telephone numbers")
            yield stacked_table("Users", columns, map(_arrived_user, users[:_SHOWN]))
        if groups:
            rows = (
                (text(item["displayName"]), text(", ".join(names.get(one["value"], one["value"])
                                                           for one in item.get("members") or ())))
                for item in groups[:_SHOWN]
            )  # fmt: skip
            yield stacked_table("Groups", ("displayName", "Members"), rows)
        sent = list(islice(reversed(self._parts.provisioning.requests), _SHOWN))
        if sent:
            asked = ((text(it.method), f"<code>{text(it.path)}</code>", _status(it.status)) for it in sent)
            yield stacked_table("Requests of provisioning, newest first", ("Method", "Path", "Status"), asked)

    def _call_log(self) -> Iterator[str]:
        calls = list(self._calls)[-_SHOWN:][::-1]
        yield "<p>Calls to Microsoft Graph and logins since the start, newest first.</p>"
        rows = (
            (text(it.number), text(it.method), f"<code>{text(it.path)}</code>", _status(it.status), text(it.user_agent))
            for it in calls
        )
        if calls:
            yield stacked_table("Calls", ("Number", "Method", "Path", "Status", "Client"), rows)


_ONE_APPLICATION = (
    "rename", "sign-in", "assignment-required", "hide", "notes", "delete-service-principal", "delete-application",
)  # fmt: skip
_PEOPLE_EDITS = ("user", "add-user", "delete-user", "restore-user", "add-member", "remove-member")


def _told(said: Said | None) -> str:
    if said is None:
        return ""
    lines = "".join(f"<div>{text(line)}</div>" for line in said.lines)
    return f'<div class="result {"error" if said.is_error else "good"}" role="status">{lines}</div>'


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _status(status: int) -> str:
    kind = "fine" if 200 <= status < 400 else "bad"
    return f'<span class="{kind}">{status or "no answer"}</span>'


def _at(moment: object) -> str:
    """A time of Graph without its fraction of a second."""
    return text(str(moment)[:19].replace("T", " ") + " UTC")


def _job_status(job: Json) -> str:
    state, status = job["schedule"]["state"], job["status"]
    last = status["lastExecution"] or {}
    parts = [f"<strong>{'on' if state == 'Active' else 'off'}</strong> ({text(status['code'])})"]
    if last:
        parts.append(f"last cycle {_at(last['timeEnded'])}: {text(last['state'])}")
    if (found := status["quarantine"]) is not None:
        error = found.get("error") or {}
        parts.append(f'<span class="bad">quarantine: {text(found["reason"])}</span> {text(error.get("message") or "")}')
    return "; ".join(parts)


def _settings(secrets: dict[str, str]) -> Iterator[tuple[str, str]]:
    found = ConnectionSettings.from_secrets(secrets)
    yield "Tenant URL", f"<code>{text(found.tenant_url or 'not set')}</code>"
    yield "Secret token", "saved" if secrets.get("SecretToken") else "not saved"
    yield "Scope", {"all": "all users and groups", "assigned": "assigned users and groups"}.get(found.scope, "not set")
    yield "Notification e-mail", text(found.notification_email or "off")
    yield "Accidental deletion threshold", text(found.accidental_deletion_threshold or "off")
    yield "Skip out-of-scope deletions", _yes(found.skip_out_of_scope_deletions)


def _mappings(portal: Portal) -> Iterator[str]:
    try:
        found: Mappings = mappings_of(portal.schema())
    except (SchemaError, ODataError) as error:
        yield f'<p class="doubt">{text(error)}</p>'
        return
    kinds = (
        ("Users", found.users, found.provision_users, found.user_filter, found.user_actions),
        ("Groups", found.groups, found.provision_groups, found.group_filter, found.group_actions),
    )
    for name, rows, provisioned, scope, actions in kinds:
        done = ", ".join(word for word in ("create", "update", "delete") if getattr(actions, word)) or "nothing"
        yield (
            f"<h3>{name}</h3><p>Provisioned: {_yes(provisioned)}; actions: {done}; scoping filter: "
            f"{f'<code>{text(scope)}</code>' if scope else 'none'}</p>"
        )
        yield stacked_table(
            f"Mappings of {name.lower()}",
            ("Target", "Source", "Apply", "Matching", "Default"),
            (
                (f"<code>{text(target)}</code>", f"<code>{text(row.source or '')}</code>", text(row.apply),
                 text(row.matching_precedence or ""), text(row.default_value or ""))
                for target, row in rows.items()
            ),
        )  # fmt: skip


def _people_tables(report: PeopleReport) -> Iterator[str]:
    columns = ("Name", "Entra", "In scope", "SCIM server")
    for kind, caption in (("User", "Users"), ("Group", "Groups")):
        rows = [_person(person) for person in report.people if person.kind == kind][:_SHOWN]
        if rows:
            yield stacked_table(caption, columns, rows)
    if not report.people:
        yield "<p>The directory is empty.</p>"


def _person(person: PrincipalReport) -> tuple[str, ...]:
    shown = text(person.name) if person.kind == "Group" else f"{text(person.display_name)}<br>{_small(person.name)}"
    scope = "not known" if person.in_scope is None else _yes(person.in_scope)
    inactive = " (inactive)" if person.is_active is False else ""
    there = "" if person.arrived is None else f"{text(person.arrived)}{inactive}"
    failed = f'<div class="bad">{text(person.failure)}</div>' if person.failure else ""
    reason = f"<br>{_small(person.reason)}" if person.reason else ""
    return shown, text(person.about), f"{scope}{reason}", f"{there}{failed}"


def _small(value: str) -> str:
    return f'<span class="small">{text(value)}</span>'


def _arrived_user(user: Json) -> tuple[str, ...]:
    name = user.get("name") or {}
    full = user.get("displayName") or " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))
    phones = ", ".join(str(one.get("value")) for one in user.get("phoneNumbers") or ())
    return (
        text(user["userName"]),
        text(full),
        _yes(user.get("active") is not False),
        f"<code>{text(user.get('externalId') or '')}</code>",
        text(phones),
    )
