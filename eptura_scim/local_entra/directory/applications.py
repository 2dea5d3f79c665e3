"""Applications and service principals: state and rules.

Sources: Microsoft Graph, resource types application, servicePrincipal; the calls of the
azuread plugin that were recorded against a stand-in (tests/fixtures).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.directory.application_models import APPLICATION, SERVICE_PRINCIPAL
from eptura_scim.local_entra.directory.audit_log import AuditLog
from eptura_scim.local_entra.directory.credentials.keys import completed_keys
from eptura_scim.local_entra.directory.credentials.passwords import add_password
from eptura_scim.local_entra.directory.exposed import exposed
from eptura_scim.local_entra.directory.kept_applications import KeptApplications
from eptura_scim.local_entra.directory.recycle_bin import RecycleBin
from eptura_scim.local_entra.directory.templates.gallery import gallery_template
from eptura_scim.local_entra.directory.templates.new_applications import instantiated, new_service_principal, registered
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import checked
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.types import Json, copied

__all__ = ["ApplicationRegistry"]


class ApplicationRegistry:
    """The applications of a tenant. All access holds `lock`: HTTP and the portal come from different threads."""

    def __init__(
        self,
        tenant: Tenant,
        store: Store,
        clock: Clock,
        switches: Switches,
        built_in: Iterable[AppRecord] = (),
    ) -> None:
        self.tenant = tenant
        self.switches = switches
        self._kept = KeptApplications(store, built_in)
        self._clock = clock
        self.lock = self._kept.lock
        self.bin = RecycleBin(self._kept, clock, switches)
        """What was deleted."""
        self.audit = AuditLog(tenant, store, clock)
        """Who changed what."""

    # Applications

    def instantiate(self, template_id: str, display_name: str, owner: str | None = None) -> Json:
        """Make an application and its service principal from a template; both as Graph shows them.

        `owner` is the application that asks for it and then owns both ("Application.ReadWrite.OwnedBy", permissions
        reference). Raises ODataError 400, 404.
        """
        template = gallery_template(template_id)
        if not display_name:
            raise ODataError.bad_request("Property displayName is required.", "Request_BadRequest")
        record = instantiated(
            template,
            display_name,
            self.tenant,
            self._clock(),
            with_roles=self.switches.template_app_roles,
            owners=[owner] if owner else [],
        )
        with self.lock:
            self.save(record)
            self.note(record, "applications", "Add application")
            self.note(record, "servicePrincipals", "Add service principal")
            return {
                "application": copied(record.application),
                "servicePrincipal": copied(record.service_principal),
            }

    def applications(self) -> list[Json]:
        """All applications, oldest first; those in the recycle bin left out."""
        with self.lock:
            return [copied(record.application) for record in self._kept.own() if not record.is_deleted]

    def create_application(self, values: Mapping[str, Any], owners: Iterable[str]) -> Json:
        """Make an application without a service principal ("Create application"). Raises ODataError 400.

        The secret of a password that the values hold is in the answer only.
        """
        if not values.get("displayName"):
            raise ODataError.bad_request(
                "A value is required for property 'displayName' of resource 'Application'.", "Request_BadRequest"
            )
        given = _with_keys(checked(APPLICATION, values, {}), {})
        wanted_passwords = given.pop("passwordCredentials", [])
        record = registered(given, self.tenant, self._clock(), owners=list(owners))
        with self.lock:
            passwords = [add_password(record.application, wanted, self._clock()) for wanted in wanted_passwords]
            self.save(record)
            self.note(record, "applications", "Add application")
            return {**copied(record.application), "passwordCredentials": passwords}

    def application(self, object_id: str) -> Json:
        """An application by object id."""
        with self.lock:
            return copied(self._kept.by_application(object_id).application)

    def update_application(self, object_id: str, changes: Json) -> None:
        """PATCH: properties that are named change. A new display name reaches the service principal as well.

        That they are renamed together is how the portal shows it; Graph's reference does not say.
        """
        with self.lock:
            record = self._kept.by_application(object_id)
            found = _with_keys(checked(APPLICATION, changes, record.application), record.application)
            written = {name: (record.application.get(name), value) for name, value in found.items()}
            before = exposed(record.application)
            record.application.update(found)
            self.note(record, "applications", "Update application", written)
            if record.principal is not None:
                after = exposed(record.application)
                record.principal.update({name: after[name] for name in after if after[name] != before[name]})
                if "displayName" in changes:
                    record.principal["displayName"] = changes["displayName"]
            self.save(record)

    def delete_application(self, object_id: str) -> None:
        """Move an application and its service principal to the recycle bin, jobs and secrets with them."""
        with self.lock:
            record = self._kept.by_application(object_id)
            record.application["deletedDateTime"] = timestamp(self._clock())
            if record.principal is not None:
                record.principal["deletedDateTime"] = timestamp(self._clock())
            self.save(record)
            self.note(record, "applications", "Delete application")

    # Service principals

    def service_principals(self) -> list[Json]:
        """The service principals of the tenant's own applications, oldest first; the recycle bin left out."""
        with self.lock:
            return [copied(record.principal) for record in self._kept.own() if record.principal is not None]

    def all_service_principals(self) -> list[Json]:
        """All service principals, those that every tenant has included."""
        with self.lock:
            return [copied(record.principal) for record in self._kept.all() if record.principal is not None]

    def create_service_principal(self, app_id: str, values: Json, owners: Iterable[str]) -> Json:
        """Make the service principal of an application that has none; one in the recycle bin stays there.

        Raises ODataError 400 for a client id of no application, 409 where there is one.
        """
        with self.lock:
            record = next(
                (one for one in self._kept.all() if not one.is_deleted and one.application["appId"] == app_id), None
            )
            if record is None:
                raise ODataError.bad_request(
                    f"The appId '{app_id}' does not reference a valid application object.", "NoBackingApplicationObject"
                )
            if record.principal is not None:
                raise ODataError.name_in_use(app_id)
            given = _with_keys(checked(SERVICE_PRINCIPAL, values, {}), {})
            record.set_aside()
            created = f"{self._clock():%Y-%m-%dT%H:%M:%SZ}"
            made = new_service_principal(app_id, str(record.application["displayName"]), created, self.tenant.id)
            # Only what a template makes is tagged for the portal and requires assignment from the start.
            plain = {"tags": [], "appRoleAssignmentRequired": False, **copied(exposed(record.application))}
            record.service_principal = {**made, **plain, **given}
            record.service_principal_owners = list(owners)
            self.save(record)
            self.note(record, "servicePrincipals", "Add service principal")
            return copied(record.service_principal)

    def service_principal(self, object_id: str) -> Json:
        """A service principal by object id."""
        with self.lock:
            found: Json = copied(self.record(object_id).principal or {})
            return found

    def update_service_principal(self, object_id: str, changes: Json) -> None:
        """PATCH: properties that are named change."""
        with self.lock:
            record = self.record(object_id)
            if record.principal is not None:
                found = _with_keys(checked(SERVICE_PRINCIPAL, changes, record.principal), record.principal)
                written = {name: (record.principal.get(name), value) for name, value in found.items()}
                record.principal.update(found)
                self.note(record, "servicePrincipals", "Update service principal", written)
            self.save(record)

    @contextmanager
    def editing(self, kind: str, object_id: str) -> Iterator[Json]:
        """An application or service principal to change in place, kept when the block ends. Raises ODataError 404."""
        with self.lock:
            record = self.record_of(kind, object_id)
            yield record.application if kind == "applications" else (record.principal or {})
            self.save(record)
            self.note(record, kind, "Update application \u2013 Certificates and secrets management")

    def delete_service_principal(self, object_id: str) -> None:
        """Move a service principal to the recycle bin, its jobs and secrets with it; the application stays.

        Raises ODataError 403, 404.
        """
        with self.lock:
            record = self.record(object_id)
            if record.built_in:
                raise ODataError.denied()
            if record.principal is not None:
                record.principal["deletedDateTime"] = timestamp(self._clock())
            self.save(record)
            self.note(record, "servicePrincipals", "Remove service principal")

    def find_service_principal(self, app_id: str) -> str | None:
        """Object id of the service principal of a client id."""
        with self.lock:
            found = (record.principal for record in self._kept.all())
            return next((str(one["id"]) for one in found if one is not None and one["appId"] == app_id.lower()), None)

    def find_application(self, app_id: str) -> str | None:
        """Object id of the application of a client id."""
        with self.lock:
            found = (record.application for record in self._kept.own() if not record.is_deleted)
            return next((str(one["id"]) for one in found if one["appId"] == app_id.lower()), None)

    def is_resource(self, identifier: str) -> bool:
        """Whether an application has this client id or identifier URI, so that tokens can be asked for it."""
        return any(identifier in {found["appId"], *found["identifierUris"]} for found in self.applications())

    # Owners

    def owners(self, kind: str, object_id: str) -> list[str]:
        """Ids of the owners of `/applications/{id}` or `/servicePrincipals/{id}`."""
        with self.lock:
            return list(self.record_of(kind, object_id).owners(kind))

    # For the other parts; the caller holds `lock`

    def name_of(self, service_principal: str) -> str | None:
        """Display name of a service principal (object id); None when it does not exist."""
        record = self._kept.with_principal(service_principal)
        return None if record is None or record.principal is None else str(record.principal["displayName"])

    def record(self, service_principal: str) -> AppRecord:
        """The record that a service principal (object id) belongs to. Raises ODataError 404."""
        record = self._kept.with_principal(service_principal)
        if record is None or record.principal is None:
            raise ODataError.no_object(service_principal)
        return record

    def record_of(self, kind: str, object_id: str) -> AppRecord:
        """The record behind `/servicePrincipals/{id}` or `/applications/{id}`."""
        return self._kept.by_application(object_id) if kind == "applications" else self.record(object_id)

    def note(
        self, record: AppRecord, kind: str, activity: str, changes: Mapping[str, tuple[Any, Any]] | None = None
    ) -> None:
        """Write a change of an application or service principal into the audit log."""
        what = "Application" if kind == "applications" else "ServicePrincipal"
        item = (record.application if kind == "applications" else record.service_principal) or {}
        target = (what, str(item.get("id", "")), str(item.get("displayName", "")))
        self.audit.add(activity, "ApplicationManagement", target, changes)

    def save(self, record: AppRecord) -> None:
        """Keep a changed record."""
        self._kept.save(record)

    def secrets(self, service_principal: str) -> dict[str, str]:
        """The secrets of a service principal, in clear."""
        return self._kept.secrets(service_principal)

    def save_secrets(self, service_principal: str, secrets: dict[str, str]) -> None:
        """Replace the secrets of a service principal."""
        self._kept.save_secrets(service_principal, secrets)


def _with_keys(found: Json, before: Mapping[str, Any]) -> Json:
    """The values that a body writes, its certificates completed. Raises ODataError 400."""
    if "keyCredentials" not in found:
        return found
    return {**found, "keyCredentials": completed_keys(found["keyCredentials"], before.get("keyCredentials") or ())}
