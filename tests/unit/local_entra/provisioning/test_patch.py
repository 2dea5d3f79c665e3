"""What Entra's PATCH requests look like, without and with the flag aadOptscim062020.

Expected shapes: Microsoft, "Known issues and resolutions with SCIM 2.0 protocol compliance", the section that each test
names; values are ours.
"""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra.provisioning.patch import (
    AttributeWrite,
    Dialect,
    add_members,
    dialect_of,
    remove_members,
    update,
)
from eptura_scim.mapping.scim_schemas import ENTERPRISE_USER

SCHEMAS = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
WORK_EMAIL = 'emails[type eq "work"].value'


@pytest.mark.parametrize(
    ("dialect", "operation"),
    [
        ("entra", {"op": "Replace", "path": "active", "value": "False"}),
        ("rfc", {"op": "replace", "path": "active", "value": False}),
    ],
)
def test_requests_made_to_disable_users(dialect: Dialect, operation: dict[str, Any]) -> None:
    body = update([AttributeWrite("active", False, is_new=False)], dialect)
    assert body == {"schemas": SCHEMAS, "Operations": [operation]}


@pytest.mark.parametrize(("dialect", "op"), [("entra", "Add"), ("rfc", "add")])
def test_requests_made_to_add_a_single_value_string_attribute(dialect: Dialect, op: str) -> None:
    body = update([AttributeWrite("nickName", "Annie", is_new=True)], dialect)
    assert body["Operations"] == [{"op": op, "path": "nickName", "value": "Annie"}]


CHANGES = [
    AttributeWrite("displayName", "Ann", is_new=False),
    AttributeWrite(WORK_EMAIL, "ann@contoso.example", is_new=False),
    AttributeWrite("name.givenName", "Ann", is_new=False),
    AttributeWrite("name.familyName", "Abel", is_new=False),
    AttributeWrite(f"{ENTERPRISE_USER}:employeeNumber", "7", is_new=False),
]


def test_a_request_replaces_several_attributes_without_the_flag() -> None:
    assert update(CHANGES, "entra")["Operations"] == [
        {"op": "Replace", "path": change.target, "value": change.value} for change in CHANGES
    ]


def test_requests_to_replace_multiple_attributes_with_the_flag() -> None:
    assert update(CHANGES, "rfc")["Operations"] == [
        {"op": "replace", "path": WORK_EMAIL, "value": "ann@contoso.example"},
        {
            "op": "replace",
            "value": {
                "displayName": "Ann",
                "name.givenName": "Ann",
                "name.familyName": "Abel",
                f"{ENTERPRISE_USER}:employeeNumber": "7",
            },
        },
    ]


def test_requests_made_to_remove_a_group_member() -> None:
    assert remove_members(["u1"], "entra")["Operations"] == [
        {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": "u1"}]}
    ]
    assert remove_members(["u1", "u2"], "rfc")["Operations"] == [
        {"op": "remove", "path": 'members[value eq "u1"]'},
        {"op": "remove", "path": 'members[value eq "u2"]'},
    ]


def test_all_members_are_added_by_a_single_operation() -> None:
    # "Develop and plan provisioning for a SCIM endpoint", Update Group [Add Members].
    assert add_members(["u1", "u2"], "entra") == {
        "schemas": SCHEMAS,
        "Operations": [
            {"op": "Add", "path": "members", "value": [{"$ref": None, "value": "u1"}, {"$ref": None, "value": "u2"}]}
        ],
    }
    assert add_members(["u1"], "rfc")["Operations"] == [{"op": "add", "path": "members", "value": [{"value": "u1"}]}]


@pytest.mark.parametrize(
    ("query", "dialect"),
    [
        ("", "entra"),
        ("?aadOptscim062020", "rfc"),
        ("?x=1&AADOPTSCIM062020", "rfc"),
        ("?AzureAdScimPatch2017", "entra"),
        ("?aadOptscim062020&AzureAdScimPatch2017", "entra"),
    ],
    ids=["none", "flag", "without case", "rollback", "both"],
)
def test_the_tenant_url_chooses_the_dialect(query: str, dialect: Dialect) -> None:
    assert dialect_of(f"https://scim.example/scim/v1/{query}") == dialect
