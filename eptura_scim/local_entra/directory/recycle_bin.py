"""The recycle bin of applications and service principals: what is in it, restored, or deleted for good.

Source: Microsoft Graph v1.0, directory (deletedItems), "Restore deleted item", "Permanently delete item".
"""

from __future__ import annotations

from datetime import timedelta

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.directory.kept_applications import KeptApplications
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.switches import Switches
from eptura_scim.types import Json, copied

__all__ = ["KEPT_DELETED", "RecycleBin"]

KEPT_DELETED = timedelta(days=30)
"""How long the recycle bin keeps what was deleted (resource type directory)."""


class RecycleBin:
    """Deleted applications and service principals of a tenant. Reading it deletes for good what is too old."""

    def __init__(self, kept: KeptApplications, clock: Clock, switches: Switches) -> None:
        self._kept = kept
        self._clock = clock
        self._switches = switches

    def owned(self, object_id: str, owner: str) -> bool:
        """Whether something in the recycle bin has this owner."""
        with self._kept.lock:
            record = self._kept.find(object_id)
            if record is not None:
                return owner in record.application_owners
            found = self._kept.with_deleted_principal(object_id)
            return found is not None and owner in found.deleted_owners(object_id)

    def applications(self) -> list[Json]:
        """The applications in the recycle bin, oldest first."""
        with self._kept.lock:
            self._expire()
            return [copied(record.application) for record in self._kept.all() if record.is_deleted]

    def service_principals(self) -> list[Json]:
        """The service principals in the recycle bin, oldest first."""
        with self._kept.lock:
            self._expire()
            return [copied(found) for record in self._kept.all() for found in record.deleted_principals]

    def restore_application(self, object_id: str) -> None:
        """Bring an application back; its service principal stays in the bin ("Restore deleted item").

        Raises ODataError 404.
        """
        with self._kept.lock:
            record = self._application(object_id)
            record.application["deletedDateTime"] = None
            self._kept.save(record)

    def restore_service_principal(self, object_id: str) -> None:
        """Bring a service principal back, its jobs as the switch `restored_jobs` says.

        Raises ODataError 404, and 409 where its application has another of them (inferred: client ids are unique).
        """
        with self._kept.lock:
            record = self._service_principal(object_id)
            if record.principal is not None:
                raise ODataError.name_in_use(record.application["appId"])
            principal = record.bring_back(object_id)
            if self._switches.restored_jobs == "gone":
                record.jobs.clear()
                self._kept.save_secrets(object_id, {})
            for job in record.jobs.values():
                if self._switches.restored_jobs == "disabled":
                    job.schedule_state, job.status_code = "Disabled", "Paused"
            principal["deletedDateTime"] = None
            self._kept.save(record)

    def purge_application(self, object_id: str) -> None:
        """Delete an application in the recycle bin for good, and its service principal there. Raises ODataError 404."""
        with self._kept.lock:
            record = self._application(object_id)
            if record.principal is not None:
                raise ODataError.bad_request("The service principal of the application exists.", "Request_BadRequest")
            self._purge(record)

    def purge_service_principal(self, object_id: str) -> None:
        """Delete a service principal in the recycle bin for good, its jobs and secrets too. Raises ODataError 404."""
        with self._kept.lock:
            self._forget(self._service_principal(object_id), object_id)

    def _application(self, object_id: str) -> AppRecord:
        self._expire()
        record = self._kept.find(object_id)
        if record is None or not record.is_deleted:
            raise ODataError.no_object(object_id)
        return record

    def _service_principal(self, object_id: str) -> AppRecord:
        self._expire()
        record = self._kept.with_deleted_principal(object_id)
        if record is None:
            raise ODataError.no_object(object_id)
        return record

    def _expire(self) -> None:
        limit = timestamp(self._clock() - KEPT_DELETED)
        for record in self._kept.all():
            if record.is_deleted and record.application["deletedDateTime"] <= limit:
                self._purge(record)
                continue
            for principal in record.deleted_principals:
                if principal["deletedDateTime"] <= limit:
                    self._forget(record, principal["id"])

    def _purge(self, record: AppRecord) -> None:
        for principal in record.deleted_principals:
            self._kept.save_secrets(principal["id"], {})
        self._kept.remove(record)

    def _forget(self, record: AppRecord, principal: str) -> None:
        self._kept.save_secrets(principal, {})
        record.forget(principal)
        self._kept.save(record)
