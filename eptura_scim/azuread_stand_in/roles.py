"""App roles and permission scopes as azuread shows them, on applications and on service principals."""

from __future__ import annotations

from typing import Any

__all__ = ["app_roles", "ids_by_value", "permission_scopes"]

_SCOPE_TEXTS = (
    "adminConsentDescription", "adminConsentDisplayName", "id", "type", "userConsentDescription",
    "userConsentDisplayName", "value",
)  # fmt: skip


def app_roles(live: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """`appRoles`."""
    return [
        {
            "allowedMemberTypes": role.get("allowedMemberTypes") or [],
            "enabled": bool(role.get("isEnabled")),
            **{name: role.get(name) or "" for name in ("description", "displayName", "id", "value")},
        }
        for role in live or []
    ]


def permission_scopes(live: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """`oauth2PermissionScopes`."""
    return [
        {"enabled": bool(scope.get("isEnabled")), **{name: scope.get(name) or "" for name in _SCOPE_TEXTS}}
        for scope in live or []
    ]


def ids_by_value(live: list[dict[str, Any]] | None) -> dict[str, str]:
    """`appRoleIds` and `oauth2PermissionScopeIds`."""
    return {item["value"]: item["id"] for item in live or [] if item.get("value") and item.get("id")}
