"""The rule that is checked before a job starts: where the externalId of users comes from."""

from __future__ import annotations

from eptura_scim.mapping.model import AttributeMapping
from eptura_scim.mapping.rules import further_mappings, objects_of
from eptura_scim.mapping.schema import mappings_of, observed_mapping, same_source
from eptura_scim.types import Json

__all__ = ["external_id_problem"]

_EXTERNAL_ID_SOURCE = "[objectId]"
"""S25, S26. Eptura's SCIM API: "'ExternalId' is a fixed user attribute and cannot be updated" (C5)."""

_TARGET = "externalId"


def external_id_problem(schema: Json) -> str:
    """What is wrong with the users' externalId in a job's schema; empty where it is as documented (S25, S26).

    Raises SchemaError when the schema has no mapping of users.
    """
    problem = _problem("users.externalId", mappings_of(schema).users.get(_TARGET))
    for name, (_, found) in further_mappings(schema).items():
        if found.get("sourceObjectName") == "User":
            rows = {row.get("targetAttributeName"): row for row in objects_of(found, "attributeMappings")}
            row = observed_mapping(rows[_TARGET]) if _TARGET in rows else None
            problem = problem or _problem(f"externalId in the further mapping {name}", row)
    return problem


def _problem(name: str, found: AttributeMapping | None) -> str:
    if found is not None and same_source(found.source, _EXTERNAL_ID_SOURCE):
        return ""
    has = f"comes from {found.source or 'nothing'}" if found else "is not mapped"
    return f"{name} {has}, not from {_EXTERNAL_ID_SOURCE} as the guide says, and Eptura never changes an externalId"
