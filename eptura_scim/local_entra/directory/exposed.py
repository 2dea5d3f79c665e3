"""What a service principal shows of the application that it stands for.

Source: Microsoft Graph v1.0, resource type servicePrincipal: "exposed by the associated application", "copied over from
the associated application". The homepage and the logout URL follow as the portal shows them; the page leaves it open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eptura_scim.types import Json

__all__ = ["exposed"]


def exposed(application: Mapping[str, Any]) -> Json:
    """The values of a service principal that come from its application."""
    web = application.get("web") or {}
    urls = [url for kind in ("web", "spa", "publicClient") for url in _list(application.get(kind), "redirectUris")]
    return {
        "appDescription": application.get("description"),
        "appDisplayName": application.get("displayName"),
        "appRoles": application.get("appRoles") or [],
        "homepage": web.get("homePageUrl"),
        "logoutUrl": web.get("logoutUrl"),
        "oauth2PermissionScopes": _list(application.get("api"), "oauth2PermissionScopes"),
        "replyUrls": urls,
        "servicePrincipalNames": [application["appId"], *(application.get("identifierUris") or ())],
        "signInAudience": application.get("signInAudience"),
    }


def _list(part: Any, name: str) -> list[Any]:
    return list((part or {}).get(name) or ())
