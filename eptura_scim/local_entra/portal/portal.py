"""What a person does in the Entra admin centre, for tests of drift and for demonstrations.

Each method does what the page does: reads, edits, and saves through the same rules as the HTTP side. Such edits are not
calls of a client: they are not in the log of calls and meet no faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.graph.secrets import notification_settings
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import UnknownAppError
from eptura_scim.local_entra.portal.mappings import MappingEdits
from eptura_scim.local_entra.portal.principals import PeoplePages
from eptura_scim.local_entra.synchronization.job_status import QuarantineReason
from eptura_scim.local_entra.synchronization.jobs import Synchronization
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE
from eptura_scim.quantities import counted
from eptura_scim.types import Json, copied

__all__ = ["Portal"]


class Portal(MappingEdits):
    """The admin centre, opened at one application: the tenant's only one, or the one that `of` names."""

    def __init__(
        self,
        directory: ApplicationRegistry,
        synchronization: Synchronization,
        people: People,
        app: str | None = None,
        job: str | None = None,
    ) -> None:
        self._directory = directory
        self._synchronization = synchronization
        self._people = people
        self._app = app
        self._job = job

    def of(self, app: str) -> Portal:
        """The portal at an application: its display name, or its or its service principal's object id."""
        return Portal(self._directory, self._synchronization, self._people, app)

    def at(self, job: str) -> Portal:
        """The portal at one of several jobs of the application; without it, it is at the one that was made first."""
        return Portal(self._directory, self._synchronization, self._people, self._app, job)

    @property
    def people(self) -> PeoplePages:
        """Users and groups, and who is assigned to the application."""
        return PeoplePages(self._people, self._id)

    def audits(self) -> list[Json]:
        """Audit logs: changes of the configuration, newest first."""
        return self._directory.audit.entries()

    def applications(self) -> list[str]:
        """The display names of all applications, oldest first."""
        return [found["displayName"] for found in self._directory.applications()]

    # Enterprise application

    def create_application(self, display_name: str) -> str:
        """Create your own application, not in the gallery; returns the service principal's object id."""
        made = self._directory.instantiate(NON_GALLERY_TEMPLATE, display_name)
        return str(made["servicePrincipal"]["id"])

    def service_principal(self) -> Json:
        """The service principal, as Graph shows it."""
        return self._directory.service_principal(self._id())

    def rename(self, name: str) -> None:
        """Properties: Name. It renames the enterprise application, not the app registration."""
        self._directory.update_service_principal(self._id(), {"displayName": name})

    def disable_sign_in(self) -> None:
        """Properties: Enabled for users to sign-in? No."""
        self._directory.update_service_principal(self._id(), {"accountEnabled": False})

    def enable_sign_in(self) -> None:
        """Properties: Enabled for users to sign-in? Yes."""
        self._directory.update_service_principal(self._id(), {"accountEnabled": True})

    def require_assignment(self, required: bool = True) -> None:
        """Properties: Assignment required?"""
        self._directory.update_service_principal(self._id(), {"appRoleAssignmentRequired": required})

    def hide(self) -> None:
        """Properties: Visible to users? No."""
        tags = self.service_principal()["tags"]
        self._directory.update_service_principal(self._id(), {"tags": [*tags, FEATURE_TAGS["hide"]]})

    def set_notes(self, text: str) -> None:
        """Properties: Notes."""
        self._directory.update_service_principal(self._id(), {"notes": text})

    def set_single_sign_on(self, mode: str, login_url: str) -> None:
        """Single sign-on: a mode such as `saml`, and the Sign on URL."""
        changes = {"preferredSingleSignOnMode": mode, "loginUrl": login_url}
        self._directory.update_service_principal(self._id(), changes)

    def delete_service_principal(self) -> None:
        """Delete the enterprise application's service principal; the app registration stays."""
        self._directory.delete_service_principal(self._id())

    def delete_application(self) -> None:
        """Delete the app registration, and the service principal with it; both go to the recycle bin."""
        self._directory.delete_application(self._application()["id"])

    def restore_application(self) -> None:
        """App registrations: Deleted applications: Restore app registration; its service principal comes with it.

        Source: Microsoft, "Restore a soft deleted enterprise application".
        """
        with self._directory.lock:
            application = self._only(self._directory.bin.applications())
            self._directory.bin.restore_application(application["id"])
            deleted = self._directory.bin.service_principals()
            own = [found["id"] for found in deleted if found["appId"] == application["appId"]]
            if own:  # the last of them, where others were deleted before it
                self._directory.bin.restore_service_principal(own[-1])

    def restore_service_principal(self) -> None:
        """Not in the portal: the service principal alone, as its page tells to restore it in PowerShell."""
        with self._directory.lock:
            self._directory.bin.restore_service_principal(self._only(self._directory.bin.service_principals())["id"])

    # Provisioning

    def create_job(self) -> str:
        """Get started / New configuration; returns the job's id."""
        return str(self._synchronization.create_job(self._owner(), "scim")["id"])

    def jobs(self) -> list[str]:
        """The ids of all jobs, oldest first."""
        return [str(job["id"]) for job in self._synchronization.jobs(self._owner())]

    def job(self) -> Json:
        """The job, as Graph shows it."""
        return self._synchronization.job(self._owner(), self._job_id())

    def restarts(self) -> list[list[str]]:
        """The reset scopes of each restart of the job."""
        return self._synchronization.restarts(self._owner(), self._job_id())

    def start(self) -> None:
        """Start provisioning."""
        self._synchronization.start(self._owner(), self._job_id())

    def stop(self) -> None:
        """Pause provisioning."""
        self._synchronization.pause(self._owner(), self._job_id())

    def restart(self) -> None:
        """Restart provisioning."""
        self._synchronization.restart(self._owner(), self._job_id(), "")

    def allow_deletes(self) -> None:
        """Allow deletes, after more of them than the threshold allows were staged."""
        self._synchronization.restart(self._owner(), self._job_id(), "ForceDeletes")

    def quarantine(self, reason: QuarantineReason = "EncounteredQuarantineException") -> None:
        """Not a page: what a cycle that fails does to the job."""
        self._synchronization.quarantine(self._owner(), self._job_id(), reason)

    def delete_job(self) -> None:
        """Delete the configuration."""
        self._synchronization.delete_job(self._owner(), self._job_id())

    # Connectivity and settings

    def secrets(self) -> dict[str, str]:
        """The saved secrets, as Graph shows them."""
        return {pair["key"]: pair["value"] for pair in self._synchronization.secrets(self._owner())}

    def set_tenant_url(self, url: str) -> None:
        """Connectivity: Tenant URL."""
        self._save(BaseAddress=url)

    def set_secret_token(self, token: str) -> None:
        """Connectivity: Secret token."""
        self._save(SecretToken=token)

    def set_scope(self, scope: Literal["all", "assigned"]) -> None:
        """Settings: Scope."""
        self._save(SyncAll="true" if scope == "all" else "false")

    def set_notification_email(self, address: str) -> None:
        """Settings: Send an email notification when a failure occurs; an empty address turns it off."""
        self._set_notification(Enabled=bool(address), Recipients=address)

    def set_deletion_threshold(self, threshold: int | None) -> None:
        """Settings: Prevent accidental deletion; None turns it off."""
        self._set_notification(DeleteThresholdEnabled=threshold is not None, DeleteThresholdValue=threshold or 500)

    def skip_out_of_scope_deletions(self, skip: bool = True) -> None:
        """Not in the portal: the secret SkipOutOfScopeDeletions, as its page tells to set it in Graph."""
        self._save(SkipOutOfScopeDeletions=str(skip))

    # Attribute mappings

    def schema(self) -> Json:
        """The job's schema."""
        return copied(self._synchronization.schema(self._owner(), self._job_id()))

    def edit_schema(self, edit: Callable[[Json], None]) -> None:
        """Read the schema, edit it in place, save it."""
        with self._synchronization.lock:
            schema = self.schema()
            edit(schema)
            self._synchronization.put_schema(self._owner(), self._job_id(), schema)

    def restore_default_mappings(self) -> None:
        """Mappings: Restore default mappings."""
        self._synchronization.reset_schema(self._owner(), self._job_id())

    # Inside

    def _id(self) -> str:
        """Object id of the service principal."""
        with self._directory.lock:
            application = self._application()
            found = self._directory.find_service_principal(application["appId"])
            if found is None:
                raise UnknownAppError(f"the application {application['displayName']!r} has no service principal")
            return found

    def _application(self) -> Json:
        applications = self._directory.applications()
        if self._app is not None:
            names = {found["appId"]: found for found in self._directory.service_principals()}
            applications = [
                found
                for found in applications
                if self._app in {found["id"], found["displayName"]}
                or self._app in {names.get(found["appId"], {}).get(key) for key in ("id", "displayName")}
            ]
        return self._one_of(applications, "application")

    def _only(self, deleted: list[Json]) -> Json:
        """The one of several deleted objects that is meant."""
        named = [found for found in deleted if self._app in {None, found["id"], found["displayName"]}]
        return self._one_of(named, "deleted application")

    def _one_of(self, found: list[Json], what: str) -> Json:
        if len(found) != 1:
            if not found and self._app is not None:
                raise UnknownAppError(f"no {what} has the name or object id {self._app!r}")
            if not found:
                advice = ": `pulumi up` makes the stack's application" if what == "application" else ""
                raise UnknownAppError(f"the tenant has no {what}{advice}")
            who = "the tenant has" if self._app is None else f"{self._app!r} names"
            raise UnknownAppError(f"{who} {counted(len(found), what)}: choose one by name or object id")
        return found[0]

    def _owner(self) -> tuple[str, str]:
        return "servicePrincipals", self._id()

    def _job_id(self) -> str:
        found = self.jobs()
        if not found or (self._job is not None and self._job not in found):
            raise UnknownAppError(
                f"the application has no synchronization job {self._job}"
                if self._job
                else "the application has no synchronization job"
            )
        return self._job or found[0]

    def _save(self, **changes: str) -> None:
        """What Save does: the service knows the values that it does not show."""
        with self._synchronization.lock:
            values = {**self._synchronization.saved_secrets(self._owner()), **changes}
            pairs = [{"key": key, "value": value} for key, value in values.items()]
            self._synchronization.put_secrets(self._owner(), pairs)

    def _set_notification(self, **changes: Any) -> None:
        with self._synchronization.lock:
            saved = notification_settings(self._synchronization.saved_secrets(self._owner()))
            settings = saved or {"Enabled": False, "DeleteThresholdEnabled": False}
            self._save(SyncNotificationSettings=json.dumps({**settings, **changes}, separators=(",", ":")))
