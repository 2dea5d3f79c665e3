"""Application permissions: which the identity that logs in has, and which a call needs.

Sources: Microsoft Graph permissions reference (names and ids); the permission tables of each method's page; for
synchronization "Microsoft Entra synchronization API overview" and the tables that its pages still had. Permissions
count as an access token has them: one that is granted or revoked takes effect with the next token.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.switches import Switches

__all__ = ["PERMISSION_IDS", "Authorization", "Permissions"]

PERMISSION_IDS = {
    "AdministrativeUnit.Read.All": "134fd756-38ce-4afd-ba33-e9623dbe66c2",
    "AdministrativeUnit.ReadWrite.All": "5eb59dd3-1da2-4329-8733-9dabdc435916",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "Application.ReadWrite.OwnedBy": "18a4783c-866b-4cc7-a460-3d5e5662c884",
    "DelegatedPermissionGrant.ReadWrite.All": "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "Directory.ReadWrite.All": "19dbc75e-c2e2-444c-a770-ec69d8559fc7",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "Group.ReadWrite.All": "62a82d76-70ea-41e2-9197-370581804d09",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "GroupMember.ReadWrite.All": "dbaae8cf-10b5-4b86-a4a1-f871c94c6695",
    "Organization.Read.All": "498476ce-e0fe-48b0-b801-37ba7e2685c6",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "Policy.ReadWrite.ApplicationConfiguration": "be74164b-cff1-491c-8741-e671cb536e13",
    "Synchronization.Read.All": "5ba43d2f-fa88-4db2-bd1c-a67c5f0fb1ce",
    "Synchronization.ReadWrite.All": "9b50c33d-700f-43b1-b2eb-87e89b703581",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "User.ReadWrite.All": "741f803b-c850-494e-b5df-cde7c675a1ca",
}
"""Ids of the app roles of Microsoft Graph that count here."""

_OWNED = "Application.ReadWrite.OwnedBy"
_READ_APPLICATIONS = (_OWNED, "Application.Read.All", "Directory.Read.All")
_WRITE_PRINCIPALS = (f"{_OWNED} of it", "Application.ReadWrite.All", "Directory.ReadWrite.All")
_WRITE_OWNERS = (
    f"{_OWNED} of it and Directory.Read.All",
    "Application.ReadWrite.All and Directory.Read.All",
    "Directory.ReadWrite.All",
)
_ASSIGN = (
    "AppRoleAssignment.ReadWrite.All and Application.Read.All",
    "AppRoleAssignment.ReadWrite.All and Directory.Read.All",
)
_CONFIGURE = "Policy.ReadWrite.ApplicationConfiguration"
_READ_POLICIES = ("Policy.Read.All", _CONFIGURE)
_ASSIGN_POLICIES = tuple(f"Application.ReadWrite.All and {one}" for one in _READ_POLICIES)
_READ_PEOPLE = {"user": ("User.Read.All", "Directory.Read.All"), "group": ("Group.Read.All", "Directory.Read.All")}
_WRITE_PEOPLE = {
    "user": ("User.ReadWrite.All", "Directory.ReadWrite.All"),
    "group": ("Group.ReadWrite.All", "Directory.ReadWrite.All"),
}
_SYNCHRONIZATION = re.compile(r"^/(?:servicePrincipals|applications)/[^/]+/synchronization/")
_CHANGES_NOTHING = re.compile(r"/parseExpression$")


class _Rule(NamedTuple):
    methods: str
    path: re.Pattern[str]
    any_of: tuple[str, ...]


def _rule(methods: str, path: str, *any_of: str) -> _Rule:
    return _Rule(methods, re.compile(f"^{path}$"), any_of)


_ONE = "/[^/]+"
# What is not listed needs no permission here. The first rule that fits counts.
_RULES = (
    _rule("POST", "/applicationTemplates/[^/]+/instantiate", _OWNED, "Application.ReadWrite.All",
          "Directory.ReadWrite.All"),
    _rule("POST DELETE", f"/(?:applications|servicePrincipals){_ONE}/owners/.*", *_WRITE_OWNERS),
    _rule("POST DELETE", f"/servicePrincipals{_ONE}/appRoleAssignedTo.*", *_ASSIGN),
    _rule("POST DELETE", "/(?:users|groups)/[^/]+/appRoleAssignments.*", *_ASSIGN),
    _rule("GET", "/(?:users|groups)/[^/]+/appRoleAssignments", "Directory.Read.All", "AppRoleAssignment.ReadWrite.All"),
    _rule("GET", f"/servicePrincipals{_ONE}/appRoleAssignments", "Application.Read.All", "Directory.Read.All"),
    _rule("GET", "/(?:servicePrincipals/[^/]+/|users/[^/]+/)?oauth2PermissionGrants.*", "Directory.Read.All",
          "DelegatedPermissionGrant.ReadWrite.All"),
    _rule("POST PATCH DELETE", "/oauth2PermissionGrants.*", "DelegatedPermissionGrant.ReadWrite.All",
          "Directory.ReadWrite.All"),
    _rule("GET", f"/servicePrincipals{_ONE}/claimsMappingPolicies", *_READ_POLICIES),
    _rule("POST DELETE", f"/servicePrincipals{_ONE}/claimsMappingPolicies/.*", *_ASSIGN_POLICIES),
    _rule("GET", "/policies/claimsMappingPolicies.*", *_READ_POLICIES),
    _rule("POST PATCH DELETE", "/policies/claimsMappingPolicies.*", _CONFIGURE),
    _rule("POST", f"/directory/administrativeUnits{_ONE}/members",
          "Group.ReadWrite.All and AdministrativeUnit.Read.All", "Directory.ReadWrite.All"),
    _rule("GET", "/directory/administrativeUnits.*", "AdministrativeUnit.Read.All", "Directory.Read.All"),
    _rule("POST PATCH DELETE", "/directory/administrativeUnits.*", "AdministrativeUnit.ReadWrite.All"),
    _rule("GET", "/(?:applications|servicePrincipals).*", *_READ_APPLICATIONS),
    _rule("POST PATCH DELETE", f"/applications{_ONE}/federatedIdentityCredentials.*", *_WRITE_PRINCIPALS[:2]),
    _rule("POST", "/applications", _OWNED, "Application.ReadWrite.All"),
    _rule("POST", f"/applications{_ONE}/(?:add|remove)Password", *_WRITE_PRINCIPALS[:2]),
    _rule("POST", f"/servicePrincipals{_ONE}/(?:(?:add|remove)Password|addTokenSigningCertificate)",
          *_WRITE_PRINCIPALS),
    _rule("POST", "/servicePrincipals", _OWNED, "Application.ReadWrite.All", "Directory.ReadWrite.All"),
    _rule("PATCH DELETE", f"/servicePrincipals{_ONE}", *_WRITE_PRINCIPALS),
    _rule("PUT", f"/applications{_ONE}/logo", *_WRITE_PRINCIPALS[:2]),
    _rule("PATCH DELETE", f"/applications{_ONE}", *_WRITE_PRINCIPALS[:2]),
    _rule("GET", "/groups/[^/]+/(?:members|transitiveMembers)", "GroupMember.Read.All", *_READ_PEOPLE["group"]),
    _rule("POST DELETE", "/groups/[^/]+/members/.*", "GroupMember.ReadWrite.All", *_WRITE_PEOPLE["group"]),
    _rule("GET", "/users.*", *_READ_PEOPLE["user"]),
    _rule("GET", "/groups.*", "GroupMember.Read.All", *_READ_PEOPLE["group"]),
    _rule("POST PATCH DELETE", "/users.*", *_WRITE_PEOPLE["user"]),
    _rule("POST PATCH DELETE", "/groups.*", *_WRITE_PEOPLE["group"]),
    _rule("GET", "/auditLogs/.*", "AuditLog.Read.All and Directory.Read.All"),
    _rule("GET", "/organization.*", "Organization.Read.All", "Directory.Read.All"),
    _rule("GET", "/directory/deletedItems/graph.(?:application|servicePrincipal)", "Application.Read.All"),
    _rule("GET", "/directory/deletedItems/graph.user", "User.Read.All"),
    _rule("GET", "/directory/deletedItems/graph.group", "Group.Read.All"),
)  # fmt: skip


class Permissions:
    """The application permissions that the identity has been granted, with admin consent."""

    def __init__(self, granted: Iterable[str]) -> None:
        self._granted = _known(granted)

    @property
    def granted(self) -> list[str]:
        """Their names, in order."""
        return sorted(self._granted)

    def grant(self, *names: str) -> None:
        """Grant more. Raises ValueError for one that does not exist here."""
        self._granted |= _known(names)

    def revoke(self, *names: str) -> None:
        """Take some away. Raises ValueError for one that does not exist here."""
        self._granted -= _known(names)

    def only(self, *names: str) -> None:
        """Leave exactly these. Raises ValueError for one that does not exist here."""
        self._granted = _known(names)


class Authorization:
    """Whether a token's permissions suffice for a call."""

    def __init__(
        self,
        switches: Switches,
        owns: Callable[[str, str], bool],
        deleted_kind: Callable[[str], str | None],
    ) -> None:
        self._switches = switches
        self._owns = owns
        self._deleted_kind = deleted_kind

    def check(self, method: str, path: str, claims: dict[str, Any]) -> None:
        """Raise ODataError 403 when a call is not permitted; `path` is without Graph's version."""
        has = _with_reading(claims.get("roles") or ())
        needed = self._needed(method, path)
        if needed and not any(self._suffices(alternative, has, path, claims.get("oid", "")) for alternative in needed):
            raise ODataError.denied()

    def _needed(self, method: str, path: str) -> tuple[str, ...]:
        if _SYNCHRONIZATION.match(path):
            return self._for_synchronization(method, path)
        if path.startswith("/directory/deletedItems/") and not path.startswith("/directory/deletedItems/graph."):
            return self._for_deleted(method, path)
        return next((rule.any_of for rule in _RULES if method in rule.methods and rule.path.match(path)), ())

    def _for_synchronization(self, method: str, path: str) -> tuple[str, ...]:
        if path.endswith("/discover"):
            return f"{_OWNED} of it", "Directory.ReadWrite.All"
        reads = method == "GET" or _CHANGES_NOTHING.search(path) is not None
        if path.endswith("/validateCredentials"):
            reads = self._switches.read_only_validates == "allowed"
        access = "Read" if reads else "ReadWrite"
        needed = (f"{_OWNED} of it", f"Synchronization.{access}.All")
        if self._switches.application_permissions_synchronize == "allowed":
            return *needed, f"Application.{access}.All"
        return needed

    def _for_deleted(self, method: str, path: str) -> tuple[str, ...]:
        kind = self._deleted_kind(path.split("/")[3])
        access = "Read" if method == "GET" else "ReadWrite"
        if kind in {"user", "group"}:
            return (f"{kind.capitalize()}.{access}.All",)
        return f"{_OWNED} of it", f"Application.{access}.All"

    def _suffices(self, alternative: str, has: Collection[str], path: str, caller: str) -> bool:
        for part in alternative.split(" and "):
            name, _, owned = part.partition(" of ")
            if name not in has or (owned and not self._owns(path, caller)):
                return False
        return True


def _known(names: Iterable[str]) -> set[str]:
    found = set(names)
    if unknown := found - PERMISSION_IDS.keys():
        raise ValueError(f"{min(unknown)} is not one of the permissions {', '.join(sorted(PERMISSION_IDS))}")
    return found


def _with_reading(granted: Iterable[str]) -> set[str]:
    """The permissions with what they include: who may write may read."""
    found = set(granted)
    return found | {name.replace(".ReadWrite.All", ".Read.All") for name in found}
