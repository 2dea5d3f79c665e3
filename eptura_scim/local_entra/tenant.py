"""The tenant that the local Entra stands for. Its credentials are public constants: it guards nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from eptura_scim.graph.gallery import NON_GALLERY_TEMPLATES

__all__ = [
    "ALL_PERMISSIONS",
    "DEFAULT_CLIENT_ID",
    "DEFAULT_CLIENT_SECRET",
    "DEFAULT_SCIM_TOKEN",
    "DEFAULT_TENANT_ID",
    "NON_GALLERY_TEMPLATE",
    "Tenant",
]

DEFAULT_TENANT_ID = "22222222-2222-2222-2222-222222222222"
"""The tenant id, unless another is configured."""

DEFAULT_CLIENT_ID = "33333333-3333-3333-3333-333333333333"
"""The application (client) id that logs in, unless another is configured."""

DEFAULT_CLIENT_SECRET = "local-entra-client-secret"  # noqa: S105 - public, for a server on the loopback address
"""Its client secret, unless another is configured. Published, so not a secret."""

DEFAULT_SCIM_TOKEN = "local-entra-scim-token"  # noqa: S105 - public, for a server on the loopback address
"""The bearer token that the local SCIM server accepts, unless others are configured. Published, so not a secret."""

NON_GALLERY_TEMPLATE = NON_GALLERY_TEMPLATES["public"]
"""The template that applications are made from, of the worldwide cloud."""

ALL_PERMISSIONS = (
    "AdministrativeUnit.ReadWrite.All",
    "AuditLog.Read.All",
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "Organization.Read.All",
    "Policy.ReadWrite.ApplicationConfiguration",
    "Synchronization.ReadWrite.All",
    "User.ReadWrite.All",
)
"""Permissions that allow everything that is modelled."""


class Tenant(BaseModel):
    """A tenant and the one identity that may log in to it."""

    model_config = ConfigDict(frozen=True)

    id: str = DEFAULT_TENANT_ID
    """Tenant id, `tid` of the access token."""
    domain: str = "contoso.example"
    """Default verified domain; the token endpoint accepts it in place of the id."""
    client_id: str = DEFAULT_CLIENT_ID
    """Application id of the identity that logs in."""
    client_secret: str = Field(default=DEFAULT_CLIENT_SECRET, repr=False)
    """Its client secret."""
    client_secret_expired: bool = False
    """Whether logins with the secret are refused as expired (AADSTS7000222)."""
    principal_id: str = "44444444-4444-4444-4444-444444444444"
    """Object id of its service principal, `oid` of the access token."""
    permissions: tuple[str, ...] = ALL_PERMISSIONS
    """Application permissions that the identity has been granted, `roles` of the access token."""
    token_lifetime: int = 3599
    """Seconds that an access token is valid, `expires_in`."""

    @classmethod
    def kept(cls, document: Mapping[str, Any], client_secret: str | None) -> Tenant:
        """A tenant as a state folder keeps it, its client secret apart; without one it has the usual one.

        Raises ValueError, TypeError.
        """
        return cls.model_validate({**document, **({"client_secret": client_secret} if client_secret else {})})

    @property
    def issuer_names(self) -> frozenset[str]:
        """What may stand for this tenant in a URL of the login endpoint."""
        return frozenset({self.id, self.domain})
