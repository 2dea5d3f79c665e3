"""What the local Entra remembers of one application."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from eptura_scim.graph.ids import ApplicationId
from eptura_scim.local_entra.clock import NEVER
from eptura_scim.types import Json

__all__ = ["AppRecord", "JobRecord", "LogoRecord"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JobRecord(_Record):
    """A synchronization job. Its schema is None while it is the default one of its template."""

    id: str
    template_id: str
    created: str
    schedule_state: Literal["Active", "Disabled", "Paused"] = "Disabled"
    status_code: Literal["NotConfigured", "NotRun", "Active", "Paused", "Quarantine"]
    quarantine: Json | None = None
    last_execution: Json | None = None
    last_successful_execution: Json | None = None
    last_successful_execution_with_exports: Json | None = None
    complete_failures: int = 0
    """Executions in succession that ended before their end."""
    escrows_pruned: bool = False
    steady_state_first: str = NEVER
    steady_state_last: str = NEVER
    synchronized: dict[str, int] = {}
    """synchronizedEntryCountByType."""
    progress: list[Json] = []
    """Of the cycle that runs."""
    schema_document: Json | None = None
    schema_version: str
    group_mapping_enabled: bool
    """The switch as it was when the job was created: what DELETE of the schema goes back to."""
    restarts: list[list[str]] = []
    """The reset scopes of each restart, oldest first."""
    restarts_done: int = 0
    """How many of them a cycle has taken in."""
    was_started: bool = False
    """Whether it was started since its last cycle: the next one is due at once."""
    needs_initial_cycle: bool = True
    """Set by a new schema and by a restart that clears the watermark."""


class DeletedPrincipal(_Record):
    """A service principal in the recycle bin whose place another one has taken."""

    service_principal: Json
    owners: list[str]
    jobs: dict[str, JobRecord]


class LogoRecord(_Record):
    """The logo of an application."""

    kind: str
    """Its content type."""
    image: str
    """The file in base64."""


class AppRecord(_Record):
    """An application, its service principal (None once that is deleted for good) and its synchronization jobs.

    What is in the recycle bin has a `deletedDateTime`.
    """

    created: str
    application: Json
    service_principal: Json | None
    jobs: dict[str, JobRecord] = {}
    jobs_created: int = 0
    application_owners: list[str] = []
    federated_credentials: list[Json] = []
    permission_grants: list[Json] = []
    """Delegated permissions that its service principal was granted."""
    claims_policies: list[str] = []
    """Ids of the claims mapping policies of its service principal."""
    logo: LogoRecord | None = None
    service_principal_owners: list[str] = []
    replaced: list[DeletedPrincipal] = []
    """Service principals in the recycle bin, oldest first, since whose deletion another one was made."""
    built_in: bool = False
    """Whether every tenant has it: only its service principal is shown, and it cannot be deleted."""

    @property
    def id(self) -> ApplicationId:
        """Object id of the application."""
        return ApplicationId(self.application["id"])

    def owners(self, kind: str) -> list[str]:
        """The owners of the application or of the service principal, to change in place."""
        return self.application_owners if kind == "applications" else self.service_principal_owners

    @property
    def is_deleted(self) -> bool:
        """Whether the application is in the recycle bin."""
        return self.application.get("deletedDateTime") is not None

    @property
    def principal(self) -> Json | None:
        """The service principal, unless it is in the recycle bin."""
        found = self.service_principal
        return None if found is None or found.get("deletedDateTime") is not None else found

    @property
    def deleted_principals(self) -> list[Json]:
        """The service principals in the recycle bin, oldest first."""
        own = self.service_principal if self.principal is None else None
        return [*(one.service_principal for one in self.replaced), *([] if own is None else [own])]

    def deleted_owners(self, object_id: str) -> list[str]:
        """The owners of a service principal in the recycle bin."""
        found = next((one for one in self.replaced if one.service_principal["id"] == object_id), None)
        return self.service_principal_owners if found is None else found.owners

    def set_aside(self) -> None:
        """Make place for another service principal: the one in the recycle bin stays there, its jobs with it."""
        if self.service_principal is not None:
            kept = DeletedPrincipal(
                service_principal=self.service_principal, owners=self.service_principal_owners, jobs=self.jobs
            )
            self.replaced.append(kept)
        self.service_principal, self.service_principal_owners, self.jobs = None, [], {}

    def bring_back(self, object_id: str) -> Json:
        """Make one of the deleted service principals the application's own; it is still marked as deleted."""
        found = next((one for one in self.replaced if one.service_principal["id"] == object_id), None)
        if found is not None:
            self.replaced.remove(found)
            self.set_aside()
            self.service_principal, self.service_principal_owners = found.service_principal, found.owners
            self.jobs = found.jobs
        return self.service_principal or {}

    def forget(self, object_id: str) -> None:
        """Forget a service principal that was deleted for good, its jobs too."""
        self.replaced = [one for one in self.replaced if one.service_principal["id"] != object_id]
        if self.service_principal is not None and self.service_principal["id"] == object_id:
            self.service_principal, self.service_principal_owners, self.jobs = None, [], {}
