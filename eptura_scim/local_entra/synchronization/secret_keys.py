"""Which synchronization secrets are credentials."""

from __future__ import annotations

__all__ = ["SENSITIVE_KEYS"]

SENSITIVE_KEYS = frozenset(
    {
        "Password",
        "SecretToken",
        "AppKey",
        "ClientSecret",
        "ConsumerSecret",
        "TokenKey",
        "Oauth2AccessToken",
        "Oauth2RefreshToken",
        "Oauth2ClientSecret",
        "Oauth2AuthorizationCode",
        "ConnectionString",
    }
)
"""Keys of synchronizationSecret whose value GET shows as `*` and no log holds.

They are credentials by their meaning: Graph's metadata does not mark them. SecretToken and Password are confirmed by
published output.
"""
