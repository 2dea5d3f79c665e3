"""What must be right before the first user is sent to Eptura, since it cannot be put right afterwards (C5)."""

from __future__ import annotations

from typing import Any

from eptura_scim import documented, mapping

__all__ = ["external_id_problem"]

_TARGET = "externalId"
_SOURCE = next(row.source for row in documented.USERS if row.target == _TARGET)


def external_id_problem(schema: dict[str, Any]) -> str:
    """What is wrong with the users' externalId in a job's schema; empty where it is as documented (S25, S26).

    Raises SchemaError when the schema has no mapping of users.
    """
    found = mapping.observe(schema).users.get(_TARGET)
    if found is not None and mapping.same_source(found.source, _SOURCE):
        return ""
    has = f"comes from {found.source or 'nothing'}" if found else "is not mapped"
    return f"users.externalId {has}, not from {_SOURCE} as the guide says, and Eptura never changes an externalId"
