"""The applications that a tenant keeps, those in the recycle bin included, and their synchronization secrets."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from eptura_scim.graph.ids import ApplicationId
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.storage.store import Store

__all__ = ["KeptApplications"]


class KeptApplications:
    """The records of applications. All access holds `lock`: HTTP and the portal use different threads."""

    def __init__(self, store: Store, built_in: Iterable[AppRecord]) -> None:
        self.lock = threading.RLock()
        self._store = store
        self._records = {record.id: record for record in (*built_in, *store.load_apps())}
        self._secrets = store.load_secrets()

    def all(self) -> list[AppRecord]:
        """All records, oldest first."""
        return sorted(self._records.values(), key=lambda record: record.created)

    def own(self) -> list[AppRecord]:
        """The records of applications that were made in this tenant."""
        return [record for record in self.all() if not record.built_in]

    def find(self, object_id: str) -> AppRecord | None:
        """The record of an application by object id, in the recycle bin or not."""
        return self._records.get(ApplicationId(object_id))

    def by_application(self, object_id: str) -> AppRecord:
        """The record of an application that exists. Raises ODataError 404."""
        record = self.find(object_id)
        if record is None or record.is_deleted or record.built_in:
            raise ODataError.no_object(object_id)
        return record

    def with_principal(self, object_id: str) -> AppRecord | None:
        """The record of a service principal, in the recycle bin or not."""
        for record in self._records.values():
            if record.service_principal is not None and record.service_principal["id"] == object_id:
                return record
        return None

    def with_deleted_principal(self, object_id: str) -> AppRecord | None:
        """The record of a service principal in the recycle bin."""
        found = self._records.values()
        return next((one for one in found if object_id in {it["id"] for it in one.deleted_principals}), None)

    def save(self, record: AppRecord) -> None:
        """Keep a new or changed record."""
        self._records[record.id] = record
        self._store.save_app(record)

    def remove(self, record: AppRecord) -> None:
        """Forget a record."""
        del self._records[record.id]
        self._store.delete_app(record.id)

    def secrets(self, service_principal: str) -> dict[str, str]:
        """The secrets of a service principal, in clear."""
        return dict(self._secrets.get(service_principal, {}))

    def save_secrets(self, service_principal: str, secrets: dict[str, str]) -> None:
        """Replace the secrets of a service principal."""
        kept = {key: value for key, value in self._secrets.items() if key != service_principal}
        self._secrets = {**kept, service_principal: secrets} if secrets else kept
        self._store.save_secrets(self._secrets)
