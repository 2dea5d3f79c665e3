"""Federated identity credentials of applications: what they hold, and which may stand side by side.

Source: Microsoft Graph v1.0 and beta, resource type federatedIdentityCredential and the pages of its methods;
"Important considerations and restrictions for federated identity credentials" (20 of an application). Nothing logs in
with them here.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape, checked
from eptura_scim.types import Json

__all__ = ["FEDERATED_CREDENTIAL", "add_federated", "changed_federated", "federated", "remove_federated"]

FEDERATED_CREDENTIAL = Shape(
    name="federatedIdentityCredential",
    properties={
        "id": "",
        "audiences": [],
        "claimsMatchingExpression": {},
        "description": TEXT,
        "issuer": "",
        "name": "",
        "subject": TEXT,
    },
    unfilterable=frozenset({"audiences", "claimsMatchingExpression", "description", "issuer"}),
    read_only=frozenset({"id"}),
)
"""A federated credential, with the `claimsMatchingExpression` of the beta version."""

_MOST = 20
_LONGEST = {"audiences": 600, "description": 600, "issuer": 600, "name": 120, "subject": 600}
_NAME = re.compile(r"[\w.~-]+")


def federated(credentials: list[Json], key: str) -> Json:
    """A credential by its id or by its name, the alternate key. Raises ODataError 404."""
    for credential in credentials:
        if key in (credential["id"], credential["name"]):
            return credential
    raise ODataError.no_object(key)


def add_federated(credentials: list[Json], values: Json) -> Json:
    """Add a credential to those of an application. Raises ODataError 400, 409."""
    if len(credentials) >= _MOST:
        raise _refused(f"An application can have up to {_MOST} federated identity credentials.")
    made = {**FEDERATED_CREDENTIAL.blank, **checked(FEDERATED_CREDENTIAL, values, {}), "id": str(uuid.uuid4())}
    _check(made, credentials)
    credentials.append(made)
    return made


def changed_federated(credentials: list[Json], key: str, changes: Json) -> None:
    """Change a credential in place; its name stays. Raises ODataError 404, 400, 409."""
    before = federated(credentials, key)
    after = {**before, **checked(FEDERATED_CREDENTIAL, changes, before)}
    if after["name"] != before["name"]:
        raise _refused("Property 'name' of a federated identity credential cannot be changed.")
    _check(after, [other for other in credentials if other is not before])
    before.update(after)


def remove_federated(credentials: list[Json], key: str) -> None:
    """Remove a credential. Raises ODataError 404."""
    credentials.remove(federated(credentials, key))


def _check(credential: Json, others: list[Json]) -> None:
    for name in ("name", "issuer", "audiences"):
        if not credential[name]:
            raise _refused(f"A value is required for property '{name}' of resource 'FederatedIdentityCredential'.")
    if len(credential["audiences"]) != 1:
        raise _refused("Property 'audiences' of a federated identity credential has one value.")
    if (credential["subject"] is None) == (credential["claimsMatchingExpression"] is None):
        raise _refused("A federated identity credential has a 'subject' or a 'claimsMatchingExpression'.")
    for name, longest in _LONGEST.items():
        if any(len(text) > longest for text in _texts(credential[name])):
            raise _refused(f"Property '{name}' of a federated identity credential has up to {longest} characters.")
    if _NAME.fullmatch(credential["name"]) is None:
        raise _refused("Property 'name' of a federated identity credential has letters, digits and . _ ~ - alone.")
    for other in others:
        if other["name"] == credential["name"]:
            raise _taken(f"name {credential['name']}")
        if credential["subject"] and [other[key] for key in ("issuer", "subject")] == [
            credential[key] for key in ("issuer", "subject")
        ]:
            raise _taken(f"issuer: {credential['issuer']} and subject: {credential['subject']}")


def _texts(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value]) if item is not None]


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")


def _taken(what: str) -> ODataError:
    return ODataError(
        409,
        "Request_MultipleObjectsWithSameKeyValue",
        f"FederatedIdentityCredential with {what} already exists.",
    )
