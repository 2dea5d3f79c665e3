"""Delegated permissions that an application was granted, for one user or for all.

Source: Microsoft Graph v1.0, resource type oAuth2PermissionGrant and the pages of its methods. A grant is kept with the
client's application; whether the resource has the scopes is not checked, as the pages name no such check. Users do not
log in here, so a grant permits nothing.
"""

from __future__ import annotations

import secrets
from typing import Any

from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.principals import People
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape, checked
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.types import Json

__all__ = ["PERMISSION_GRANT", "PermissionGrants"]

PERMISSION_GRANT = Shape(
    name="oAuth2PermissionGrant",
    properties={"id": "", "clientId": "", "consentType": "", "principalId": TEXT, "resourceId": "", "scope": TEXT},
    read_only=frozenset({"id"}),
)

_CONSENT_TYPES = ("AllPrincipals", "Principal")


class PermissionGrants:
    """The delegated permission grants of a tenant."""

    def __init__(self, directory: ApplicationRegistry, people: People) -> None:
        self._directory = directory
        self._people = people

    def all(self) -> list[Json]:
        """Those whose client and resource exist, oldest client first."""
        with self._directory.lock:
            known = [principal["id"] for principal in self._directory.all_service_principals()]
            records = [self._directory.record(identifier) for identifier in known]
            grants = [dict(grant) for record in records for grant in record.permission_grants]
            return [grant for grant in grants if {grant["clientId"], grant["resourceId"]} <= set(known)]

    def of_client(self, service_principal: str) -> list[Json]:
        """Those of a client (object id of its service principal). Raises ODataError 404."""
        self._directory.service_principal(service_principal)
        return [grant for grant in self.all() if grant["clientId"] == service_principal]

    def of_user(self, user: str) -> list[Json]:
        """The grants that hold for this user (object id) alone, consented by the user or by an administrator."""
        return [grant for grant in self.all() if grant["principalId"] == user]

    def get(self, identifier: str) -> Json:
        """One of them. Raises ODataError 404."""
        return next((grant for grant in self.all() if grant["id"] == identifier), None) or _missing(identifier)

    def create(self, values: Json) -> Json:
        """Grant. Raises ODataError 400, 404, and 409 for a second grant of the same client, resource and user."""
        given = checked(PERMISSION_GRANT, values, {})
        for name in ("clientId", "consentType", "resourceId"):
            if not given.get(name):
                raise _refused(f"A value is required for property '{name}' of resource 'OAuth2PermissionGrant'.")
        if given["consentType"] not in _CONSENT_TYPES:
            raise _refused("Invalid value specified for property 'consentType' of resource 'OAuth2PermissionGrant'.")
        made = {**PERMISSION_GRANT.blank, **given, "id": secrets.token_urlsafe(32)}
        if (made["consentType"] == "Principal") != bool(made["principalId"]):
            raise _refused("principalId names the user if consentType is Principal, and is null if AllPrincipals.")
        with self._directory.lock:
            record = self._directory.record(made["clientId"])
            self._directory.record(made["resourceId"])
            if made["principalId"]:
                self._people.user(made["principalId"])
            same = ("clientId", "resourceId", "principalId")
            if any(all(other[name] == made[name] for name in same) for other in record.permission_grants):
                raise ODataError(409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
            record.permission_grants.append(made)
            self._keep(record, "Add delegated permission grant", made, (None, made["scope"]))
        return dict(made)

    def update(self, identifier: str, changes: Json) -> None:
        """Change the scopes: nothing else can be changed. Raises ODataError 400, 404."""
        before = self.get(identifier)
        after = {**before, **checked(PERMISSION_GRANT, changes, before)}
        if any(after[name] != before[name] for name in after if name != "scope"):
            raise _refused("Only the property 'scope' of an OAuth2PermissionGrant can be changed.")
        with self._directory.lock:
            record, kept = self._find(identifier)
            kept["scope"] = after["scope"]
            self._keep(record, "Add delegated permission grant", kept, (before["scope"], after["scope"]))

    def delete(self, identifier: str) -> None:
        """Revoke. Raises ODataError 404."""
        with self._directory.lock:
            record, kept = self._find(identifier)
            record.permission_grants.remove(kept)
            self._keep(record, "Remove delegated permission grant", kept, (kept["scope"], None))

    def _find(self, identifier: str) -> tuple[AppRecord, Json]:
        record = self._directory.record(self.get(identifier)["clientId"])
        return record, next(grant for grant in record.permission_grants if grant["id"] == identifier)

    def _keep(self, record: AppRecord, activity: str, grant: Json, scopes: tuple[Any, Any]) -> None:
        self._directory.save(record)
        self._directory.note(record, "servicePrincipals", activity, {"DelegatedPermissionGrant.Scope": scopes})


def _missing(identifier: str) -> Json:
    raise ODataError.no_object(identifier)


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
