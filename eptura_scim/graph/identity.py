"""Who is logged in, and with which permissions: read from the claims of the access token.

Source: Microsoft identity platform, "Access token claims reference". The claims are a statement for people; what is
allowed is Graph's to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.urls import with_query

__all__ = ["UNTOLD", "Identity", "default_domain", "tenant_name", "who_am_i"]


@dataclass(frozen=True)
class Identity:
    """An application or a person, in a tenant."""

    kind: Literal["application", "person"]
    tenant_id: str
    object_id: str
    client_id: str
    """Of the application that logged in; for a person, of the program that the person used."""
    name: str
    """What is readable of it: a person's user name, an application's display name; may be empty."""
    permissions: frozenset[str]
    """Application permissions (`roles`), or the delegated ones (`scp`) of a person's login."""
    role_templates: frozenset[str]
    """Template ids of the directory roles that are active (`wids`)."""


UNTOLD = Identity("application", "", "", "", "", frozenset(), frozenset())
"""What a token that is not a JWT tells."""


async def who_am_i(client: GraphClient) -> Identity:
    """Log in and read the token. Raises LoginError, UnreachableError."""
    claims = await client.claims()
    person = claims.get("idtyp") == "user" or ("scp" in claims and claims.get("idtyp") != "app")
    return Identity(
        kind="person" if person else "application",
        tenant_id=_text(claims, "tid"),
        object_id=_text(claims, "oid"),
        client_id=_text(claims, "appid", "azp"),
        name=_text(claims, "upn", "unique_name", "preferred_username") if person else _text(claims, "app_displayname"),
        permissions=frozenset(_text(claims, "scp").split() if person else _texts(claims, "roles")),
        role_templates=frozenset(_texts(claims, "wids")),
    )


async def tenant_name(client: GraphClient) -> str:
    """The name of the tenant; empty where it has none. Raises GraphError."""
    found = await client.values(with_query("/organization", {"$select": "id,displayName"}))
    return next((str(one["displayName"]) for one in found if one.get("displayName")), "")


async def default_domain(client: GraphClient) -> str:
    """The tenant's default domain; empty where Graph shows none. Raises GraphError.

    Source: Microsoft Graph v1.0, "List organizations", verifiedDomain.
    """
    found = await client.values(with_query("/organization", {"$select": "id,verifiedDomains"}))
    domains = [domain for one in found for domain in one.get("verifiedDomains") or () if isinstance(domain, dict)]
    return next((str(domain["name"]) for domain in domains if domain.get("isDefault") and domain.get("name")), "")


def _text(claims: dict[str, Any], *names: str) -> str:
    return next((str(claims[name]) for name in names if claims.get(name)), "")


def _texts(claims: dict[str, Any], name: str) -> list[str]:
    found = claims.get(name)
    return [str(item) for item in found] if isinstance(found, list) else []
