"""Owners of applications and service principals: who is added and removed.

Source: Microsoft Graph v1.0, "Add owner", "Remove owner" of applications and service principals.
"""

from __future__ import annotations

from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.errors import ODataError

__all__ = ["add_owner", "remove_owner"]


def add_owner(directory: ApplicationRegistry, kind: str, object_id: str, owner: str) -> None:
    """Add an owner. Raises ODataError 404, and 400 for one that is an owner already."""
    with directory.lock:
        record = directory.record_of(kind, object_id)
        if owner in record.owners(kind):
            raise ODataError.reference_exists("owners")
        record.owners(kind).append(owner)
        directory.save(record)
        directory.note(record, kind, "Add owner", {"owner": (None, owner)})


def remove_owner(directory: ApplicationRegistry, kind: str, object_id: str, owner: str) -> None:
    """Remove an owner. Raises ODataError 404."""
    with directory.lock:
        record = directory.record_of(kind, object_id)
        if owner not in record.owners(kind):
            raise ODataError.no_object(owner)
        record.owners(kind).remove(owner)
        directory.save(record)
        directory.note(record, kind, "Remove owner", {"owner": (owner, None)})
