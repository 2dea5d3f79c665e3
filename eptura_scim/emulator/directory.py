"""Applications and service principals: state and rules.

Sources: Microsoft Graph, resource types application, servicePrincipal, applicationTemplate (instantiate); the calls of
the azuread plugin that were recorded against a stand-in (tests/fixtures).
"""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Iterable
from typing import Any

from eptura_scim.emulator.errors import GraphError
from eptura_scim.emulator.records import AppRecord, Clock, Json, timestamp
from eptura_scim.emulator.state import Store
from eptura_scim.emulator.tenant import NON_GALLERY_TEMPLATE, Tenant

__all__ = ["Directory", "matching"]

_READ_ONLY = frozenset({"id", "appId", "applicationTemplateId", "createdDateTime", "servicePrincipalType"})


class Directory:
    """The applications of a tenant. All access holds `lock`: HTTP and the portal come from different threads."""

    def __init__(self, tenant: Tenant, store: Store, clock: Clock) -> None:
        self.tenant = tenant
        self.lock = threading.RLock()
        self._store = store
        self._clock = clock
        self._records = {record.id: record for record in store.load_apps()}
        self._secrets = store.load_secrets()

    # Applications

    def instantiate(self, template_id: str, display_name: str) -> Json:
        """Make an application and its service principal from a template; both as Graph shows them."""
        if template_id != NON_GALLERY_TEMPLATE:
            raise GraphError.no_object(template_id)
        if not display_name:
            raise GraphError.bad_request("Property displayName is required.", "Request_BadRequest")
        now = self._clock()
        created = f"{now:%Y-%m-%dT%H:%M:%SZ}"
        app_id = str(uuid.uuid4())
        record = AppRecord(
            created=timestamp(now),
            application=_new_application(app_id, display_name, created, self.tenant.domain),
            service_principal=_new_service_principal(app_id, display_name, created, self.tenant.id),
        )
        with self.lock:
            self._records[record.id] = record
            self.save(record)
            return {
                "application": copy.deepcopy(record.application),
                "servicePrincipal": copy.deepcopy(record.service_principal),
            }

    def applications(self) -> list[Json]:
        """All applications, oldest first."""
        with self.lock:
            return [copy.deepcopy(record.application) for record in self._sorted()]

    def application(self, object_id: str) -> Json:
        """An application by object id."""
        with self.lock:
            return copy.deepcopy(self._by_application(object_id).application)

    def update_application(self, object_id: str, changes: Json) -> None:
        """PATCH: properties that are named change. A new display name reaches the service principal as well.

        That they are renamed together is how the portal shows it; Graph's reference does not say.
        """
        with self.lock:
            record = self._by_application(object_id)
            _patch(record.application, changes)
            if "displayName" in changes and record.service_principal is not None:
                record.service_principal["displayName"] = changes["displayName"]
            self.save(record)

    def delete_application(self, object_id: str) -> None:
        """Delete an application, its service principal, jobs and secrets. There is no recycle bin."""
        with self.lock:
            record = self._by_application(object_id)
            self._forget_service_principal(record)
            del self._records[record.id]
            self._store.delete_app(record.id)

    # Service principals

    def service_principals(self) -> list[Json]:
        """All service principals, oldest first."""
        with self.lock:
            return [copy.deepcopy(r.service_principal) for r in self._sorted() if r.service_principal is not None]

    def service_principal(self, object_id: str) -> Json:
        """A service principal by object id."""
        with self.lock:
            found: Json = copy.deepcopy(self.record(object_id).service_principal or {})
            return found

    def update_service_principal(self, object_id: str, changes: Json) -> None:
        """PATCH: properties that are named change."""
        with self.lock:
            record = self.record(object_id)
            if record.service_principal is not None:
                _patch(record.service_principal, changes)
            self.save(record)

    def delete_service_principal(self, object_id: str) -> None:
        """Delete a service principal with its jobs and secrets; the application stays."""
        with self.lock:
            record = self.record(object_id)
            self._forget_service_principal(record)
            self.save(record)

    def find_service_principal(self, app_id: str) -> str | None:
        """Object id of the service principal of a client id."""
        return next((found["id"] for found in self.service_principals() if found["appId"] == app_id), None)

    # For the other parts; the caller holds `lock`

    def name_of(self, service_principal: str) -> str | None:
        """Display name of a service principal (object id); None when there is none."""
        for record in self._records.values():
            if record.service_principal is not None and record.service_principal["id"] == service_principal:
                return str(record.service_principal["displayName"])
        return None

    def record(self, service_principal: str) -> AppRecord:
        """The record that a service principal (object id) belongs to."""
        for record in self._records.values():
            if record.service_principal is not None and record.service_principal["id"] == service_principal:
                return record
        raise GraphError.no_object(service_principal)

    def record_of(self, kind: str, object_id: str) -> AppRecord:
        """The record behind `/servicePrincipals/{id}` or `/applications/{id}`."""
        return self._by_application(object_id) if kind == "applications" else self.record(object_id)

    def save(self, record: AppRecord) -> None:
        """Keep a changed record."""
        self._store.save_app(record)

    def secrets(self, service_principal: str) -> dict[str, str]:
        """The secrets of a service principal, in clear."""
        return dict(self._secrets.get(service_principal, {}))

    def save_secrets(self, service_principal: str, secrets: dict[str, str]) -> None:
        """Replace the secrets of a service principal."""
        kept = {key: value for key, value in self._secrets.items() if key != service_principal}
        self._secrets = {**kept, service_principal: secrets} if secrets else kept
        self._store.save_secrets(self._secrets)

    def _sorted(self) -> list[AppRecord]:
        return sorted(self._records.values(), key=lambda record: record.created)

    def _by_application(self, object_id: str) -> AppRecord:
        for record in self._records.values():
            if record.id == object_id:
                return record
        raise GraphError.no_object(object_id)

    def _forget_service_principal(self, record: AppRecord) -> None:
        if record.service_principal is not None:
            self.save_secrets(record.service_principal["id"], {})
        record.service_principal = None
        record.jobs.clear()


def _patch(target: Json, changes: Json) -> None:
    for name in sorted(_READ_ONLY & changes.keys()):
        if changes[name] != target.get(name):
            raise GraphError.bad_request(f"Property '{name}' is read-only and cannot be set.", "Request_BadRequest")
    for name, value in changes.items():
        if not name.startswith("@odata."):
            target[name] = value


def _new_application(app_id: str, display_name: str, created: str, domain: str) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "appId": app_id,
        "displayName": display_name,
        "applicationTemplateId": NON_GALLERY_TEMPLATE,
        "createdDateTime": created,
        "publisherDomain": domain,
        "identifierUris": [],
        "tags": [],
        "signInAudience": "AzureADMyOrg",
        "api": {"oauth2PermissionScopes": []},
        "appRoles": [],
        "web": {"redirectUris": []},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "info": {},
        "requiredResourceAccess": [],
        "keyCredentials": [],
        "passwordCredentials": [],
    }


def _new_service_principal(app_id: str, display_name: str, created: str, tenant_id: str) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "appId": app_id,
        "displayName": display_name,
        "accountEnabled": True,
        "applicationTemplateId": NON_GALLERY_TEMPLATE,
        "appOwnerOrganizationId": tenant_id,
        "createdDateTime": created,
        "servicePrincipalType": "Application",
        "tags": [
            "WindowsAzureActiveDirectoryIntegratedApp",
            "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
        ],
        "appRoleAssignmentRequired": True,
        "appRoles": [],
        "oauth2PermissionScopes": [],
        "servicePrincipalNames": [app_id],
    }


def matching(items: Iterable[Json], conditions: dict[str, Any]) -> list[Json]:
    """The items whose properties equal those of a parsed `$filter`; text is compared without case, as Graph does."""
    return [
        item for item in items if all(_folded(item.get(name)) == _folded(value) for name, value in conditions.items())
    ]


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
