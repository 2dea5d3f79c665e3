"""Users and groups of Graph, by the names that mappings use."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.mapping.source import graph_properties, source_attributes, source_reader

ADA: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.user",
    "id": "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0",
    "accountEnabled": True,
    "businessPhones": ["+1 425 555 0100", "+1 425 555 0101"],
    "employeeOrgData": {"costCenter": "7", "division": "North"},
    "extension_0123456789abcdef0123456789abcdef_badge": "b7",
    "faxNumber": "+1 425 555 0199",
    "mail": "ada@contoso.com",
    "manager": {"id": "m", "displayName": "M"},
    "mobilePhone": "+1 425 555 0102",
    "officeLocation": "18/2111",
    "onPremisesExtensionAttributes": {"extensionAttribute1": "one", "extensionAttribute15": None},
    "onPremisesImmutableId": "anchor",
    "onPremisesSyncEnabled": None,
    "surname": "Byron",
    "userPrincipalName": "ada@contoso.com",
    "userType": "Member",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("objectId", "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"),
        ("telephoneNumber", "+1 425 555 0100"),
        ("mobile", "+1 425 555 0102"),
        ("facsimileTelephoneNumber", "+1 425 555 0199"),
        ("physicalDeliveryOfficeName", "18/2111"),
        ("sourceAnchor", "anchor"),
        ("dirSyncEnabled", None),
        ("extensionAttribute1", "one"),
        ("extensionAttribute15", None),
        ("extensionAttribute2", None),
        ("extension_0123456789abcdef0123456789abcdef_badge", "b7"),
        ("employeeOrgDataCostCenter", "7"),
        ("employeeOrgDataDivision", "North"),
        ("manager", "m"),
        ("mail", "ada@contoso.com"),
        ("surname", "Byron"),
        ("userPrincipalName", "ada@contoso.com"),
        ("originalUserPrincipalName", "ada@contoso.com"),
        ("IsSoftDeleted", False),
    ],
)
def test_properties_of_a_user_have_names_of_the_schema(name: str, value: object) -> None:
    assert source_attributes("User", ADA)[name] == value
    assert source_reader("User", [name])(ADA) == {name: value}


def test_names_of_graph_alone_are_not_sources() -> None:
    graph_only = ["id", "businessPhones", "mobilePhone", "faxNumber", "userType", "@odata.type"]
    assert not source_attributes("User", ADA).keys() & set(graph_only)
    assert source_reader("User", ["mobilePhone", "objectId"])(ADA) == {"objectId": ADA["id"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"accountEnabled": False}, True),
        ({"deletedDateTime": "2026-11-24T00:00:00Z"}, True),
        ({"deletedDateTime": None}, False),
        ({"accountEnabled": None}, False),
    ],
)
def test_a_user_who_is_blocked_or_deleted_is_soft_deleted(changes: dict[str, Any], expected: bool) -> None:
    assert source_attributes("User", {**ADA, **changes})["IsSoftDeleted"] is expected


def test_a_guest_is_known_by_the_name_at_home() -> None:
    guest = {**ADA, "userPrincipalName": "ada_b_fabrikam.com#EXT#@contoso.onmicrosoft.com"}
    made = source_attributes("User", guest)
    assert made["userPrincipalName"] == "ada_b@fabrikam.com"
    assert made["originalUserPrincipalName"] == guest["userPrincipalName"]


def test_a_user_without_phones_has_no_telephone_number() -> None:
    assert source_attributes("User", {**ADA, "businessPhones": []})["telephoneNumber"] is None
    assert source_reader("User", ["telephoneNumber"])({"id": "x"}) == {"telephoneNumber": None}


def test_a_groups_members_are_references() -> None:
    group = {"id": "g", "displayName": "Staff", "members": [{"id": "a"}, "b"], "securityEnabled": True}
    assert source_attributes("Group", group) == {
        "objectId": "g",
        "displayName": "Staff",
        "members": ["a", "b"],
        "securityEnabled": True,
        "IsSoftDeleted": False,
    }


def test_what_has_to_be_selected_follows_from_the_attributes() -> None:
    names = ["objectId", "telephoneNumber", "mobile", "IsSoftDeleted", "extensionAttribute3", "mail"]
    assert graph_properties("User", names) == [
        "accountEnabled",
        "businessPhones",
        "id",
        "mail",
        "mobilePhone",
        "onPremisesExtensionAttributes",
    ]
