"""The requests that Microsoft documents for its SCIM client, as shapes: methods, paths, members and operations.

Sources, both of MicrosoftDocs/entra-docs, docs/identity/app-provisioning:
- `use-scim-to-provision-users-and-groups.md` (2025-03-04), the section that each entry names; values are ours, and
  stand for what differs from request to request.
- `application-provisioning-config-problem-scim-compatibility.md` (2025-04-15), "Sample requests …", with the flag
  aadOptscim062020.
"""

from __future__ import annotations

from dataclasses import dataclass

from eptura_scim.types import Json

__all__ = ["DOCUMENTED", "PATCH_OP", "Documented"]


USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
MICROSOFT_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass(frozen=True)
class Documented:
    """A documented request. `{…}` in path and values stands for what differs."""

    section: str
    method: str
    path: str
    body: Json | None = None
    flag: bool = False
    """Whether it is sent with the flag aadOptscim062020."""


def patch(*operations: Json) -> Json:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


DOCUMENTED = (
    Documented("Get User by query", "GET", 'Users?filter=userName eq "{userName}"'),
    Documented(
        "Create User",
        "POST",
        "Users",
        {
            "schemas": [USER, ENTERPRISE],
            "externalId": "{externalId}",
            "userName": "{userName}",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "{mail}"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "{name}", "familyName": "{surname}", "givenName": "{givenName}"},
            "roles": [],
        },
    ),
    Documented("Get User", "GET", "Users/{id}"),
    Documented(
        "Update User [Multi-valued properties]",
        "PATCH",
        "Users/{id}",
        patch(
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "{mail}"},
            {"op": "Replace", "path": "name.familyName", "value": "{surname}"},
        ),
    ),
    Documented(
        "Update User [Single-valued properties]",
        "PATCH",
        "Users/{id}",
        patch({"op": "Replace", "path": "userName", "value": "{userName}"}),
    ),
    Documented(
        "Requests made to disable users",
        "PATCH",
        "Users/{id}",
        patch({"op": "Replace", "path": "active", "value": "False"}),
    ),
    Documented("Delete User", "DELETE", "Users/{id}"),
    Documented(
        "Get Group by displayName", "GET", 'Groups?excludedAttributes=members&filter=displayName eq "{displayName}"'
    ),
    Documented(
        "Create Group",
        "POST",
        "Groups",
        {
            "schemas": [GROUP, MICROSOFT_GROUP],
            "externalId": "{externalId}",
            "displayName": "{displayName}",
            "meta": {"resourceType": "Group"},
        },
    ),
    Documented(
        "Update Group [Add Members]",
        "PATCH",
        "Groups/{id}",
        patch({"op": "Add", "path": "members", "value": [{"$ref": None, "value": "{id}"}]}),
    ),
    Documented("Get Group", "GET", "Groups/{id}?excludedAttributes=members"),
    Documented(
        "Update Group [Non-member attributes]",
        "PATCH",
        "Groups/{id}",
        patch({"op": "Replace", "path": "displayName", "value": "{displayName}"}),
    ),
    Documented(
        "Update Group [Remove Members]",
        "PATCH",
        "Groups/{id}",
        patch({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "{id}"}]}),
    ),
    Documented("Delete Group", "DELETE", "Groups/{id}"),
    Documented(
        "Requests made to disable users",
        "PATCH",
        "Users/{id}",
        patch({"op": "replace", "path": "active", "value": False}),
        flag=True,
    ),
    Documented(
        "Requests made to add a single-value string attribute",
        "PATCH",
        "Users/{id}",
        patch({"op": "add", "path": "nickName", "value": "{nickName}"}),
        flag=True,
    ),
    Documented(
        "Requests to replace multiple attributes",
        "PATCH",
        "Users/{id}",
        patch(
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "{mail}"},
            {
                "op": "replace",
                "value": {
                    "displayName": "{displayName}",
                    "name.givenName": "{givenName}",
                    "name.familyName": "{surname}",
                    f"{ENTERPRISE}:employeeNumber": "{employeeId}",
                },
            },
        ),
        flag=True,
    ),
    Documented(
        "Requests made to remove a group member",
        "PATCH",
        "Groups/{id}",
        patch({"op": "remove", "path": 'members[value eq "{id}"]'}),
        flag=True,
    ),
)
