"""Claims mapping policies, and the service principals that they are assigned to.

Source: Microsoft Graph v1.0, resource type claimsMappingPolicy and the pages of its methods. No tokens for users are
issued here, so a policy changes nothing; what is inside its definition is not checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape, checked
from eptura_scim.local_entra.storage.kept_objects import KeptObjects
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json

__all__ = ["CLAIMS_MAPPING_POLICY", "ClaimsPolicies"]

CLAIMS_MAPPING_POLICY = Shape(
    name="claimsMappingPolicy",
    is_directory_object=True,
    properties={
        "id": "",
        "deletedDateTime": None,
        "definition": [],
        "description": TEXT,
        "displayName": "",
        "isOrganizationDefault": False,
    },
    read_only=frozenset({"id", "deletedDateTime"}),
)
"""A claims mapping policy."""


class ClaimsPolicies:
    """The claims mapping policies of a tenant."""

    def __init__(self, store: Store, directory: ApplicationRegistry) -> None:
        self._kept = KeptObjects(store, "claims-mapping-policies.json")
        self._directory = directory
        self._lock = directory.lock

    def all(self) -> list[Json]:
        """All policies, oldest first."""
        with self._lock:
            return self._kept.all()

    def get(self, identifier: str) -> Json:
        """A policy. Raises ODataError 404."""
        with self._lock:
            return self._kept.get(identifier)

    def create(self, values: Mapping[str, Any]) -> Json:
        """Make a policy. Raises ODataError 400."""
        made = {**CLAIMS_MAPPING_POLICY.blank, **checked(CLAIMS_MAPPING_POLICY, values, {}), "id": str(uuid.uuid4())}
        _check(made)
        with self._lock:
            self._kept.put(made)
        return made

    def update(self, identifier: str, changes: Mapping[str, Any]) -> None:
        """Change properties that are named. Raises ODataError 400, 404."""
        with self._lock:
            before = self._kept.get(identifier)
            after = {**before, **checked(CLAIMS_MAPPING_POLICY, changes, before)}
            _check(after)
            self._kept.put(after)

    def delete(self, identifier: str) -> None:
        """Delete a policy; those that it was assigned to have it no longer. Raises ODataError 404."""
        with self._lock:
            self._kept.remove(identifier)

    def of(self, service_principal: str) -> list[Json]:
        """The policies that a service principal has. Raises ODataError 404."""
        with self._lock:
            assigned = self._directory.record(service_principal).claims_policies
            return [policy for policy in self._kept.all() if policy["id"] in assigned]

    def assign(self, service_principal: str, policy: str) -> None:
        """Assign a policy to a service principal. Raises ODataError 400, 404."""
        with self._lock:
            record = self._directory.record(service_principal)
            self._kept.get(policy)
            if policy in record.claims_policies:
                raise ODataError.reference_exists("claimsMappingPolicies")
            record.claims_policies.append(policy)
            self._directory.save(record)
            self._directory.note(record, "servicePrincipals", "Add policy to service principal")

    def unassign(self, service_principal: str, policy: str) -> None:
        """Take a policy from a service principal. Raises ODataError 404."""
        with self._lock:
            record = self._directory.record(service_principal)
            if policy not in record.claims_policies:
                raise ODataError.no_object(policy)
            record.claims_policies.remove(policy)
            self._directory.save(record)
            self._directory.note(record, "servicePrincipals", "Remove policy from service principal")


def _check(policy: Json) -> None:
    for name in ("definition", "displayName"):
        if not policy[name]:
            raise ODataError.bad_request(
                f"A value is required for property '{name}' of resource 'ClaimsMappingPolicy'.", "Request_BadRequest"
            )
