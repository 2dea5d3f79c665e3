"""Target attributes to SCIM resources and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.mapping.payload import (
    PathError,
    TargetPath,
    compose,
    decompose,
    resource_type,
    typed,
    value_at,
)
from eptura_scim.mapping.scim_schemas import CORE_GROUP, CORE_USER, ENTERPRISE_USER

WORK_EMAIL = 'emails[type eq "work"].value'
DEPARTMENT = f"{ENTERPRISE_USER}:department"


def test_a_user_is_composed_as_the_documented_creation_request() -> None:
    made = compose(
        ENTERPRISE_USER,
        {
            "userName": "ann@contoso.example",
            "active": "True",
            WORK_EMAIL: "ann@contoso.example",
            "name.givenName": "Ann",
            "name.familyName": "Abel",
            "externalId": "0a21f0f2",
        },
    )

    # Microsoft, "Develop and plan provisioning for a SCIM endpoint", Create User, Request: same members, same order.
    assert list(made) == ["schemas", "externalId", "userName", "active", "emails", "meta", "name", "roles"]
    assert made == {
        "schemas": [CORE_USER, ENTERPRISE_USER],
        "externalId": "0a21f0f2",
        "userName": "ann@contoso.example",
        "active": True,
        "emails": [{"primary": True, "type": "work", "value": "ann@contoso.example"}],
        "meta": {"resourceType": "User"},
        "name": {"givenName": "Ann", "familyName": "Abel"},
        "roles": [],
    }


def test_a_group_is_composed_without_members() -> None:
    assert compose(CORE_GROUP, {"displayName": "Floor 2", "externalId": "g1"}) == {
        "schemas": [CORE_GROUP],
        "externalId": "g1",
        "displayName": "Floor 2",
        "meta": {"resourceType": "Group"},
    }


def test_extensions_stand_under_their_schema() -> None:
    custom = "urn:ietf:params:scim:schemas:extension:Floor:2.0:User"
    made = compose(ENTERPRISE_USER, {"userName": "a", DEPARTMENT: "Sales", f"{custom}:number": "2"})

    assert made["schemas"] == [CORE_USER, ENTERPRISE_USER, custom]
    assert made[ENTERPRISE_USER] == {"department": "Sales"}
    assert made[custom] == {"number": "2"}


def test_values_of_the_same_type_share_an_element() -> None:
    made = compose(
        ENTERPRISE_USER,
        {
            'addresses[type eq "work"].locality': "Ulm",
            'addresses[type eq "home"].locality': "Bonn",
            'addresses[type eq "work"].country': "DE",
            'roles[primary eq "True"].value': "planner",
        },
    )

    assert made["addresses"] == [
        {"type": "work", "locality": "Ulm", "country": "DE"},
        {"type": "home", "locality": "Bonn"},
    ]
    assert made["roles"] == [{"primary": True, "value": "planner"}]


@pytest.mark.parametrize("nothing", [None, "", []], ids=["null", "empty text", "empty list"])
def test_what_has_no_value_is_not_sent(nothing: Any) -> None:
    assert "title" not in compose(ENTERPRISE_USER, {"userName": "a", "title": nothing})


@pytest.mark.parametrize(
    ("value", "path", "kind", "expected"),
    [
        ("True", "active", None, True),
        ("false", "active", None, False),
        ("maybe", "active", None, "maybe"),
        ("True", "title", None, "True"),
        ("True", "isRemote", "Boolean", True),
        ("12", f"{ENTERPRISE_USER}:floor", "Integer", 12),
        ("twelve", f"{ENTERPRISE_USER}:floor", "Integer", "twelve"),
        ("12", f"{ENTERPRISE_USER}:employeeNumber", "String", "12"),
    ],
    ids=["active", "active lower", "no boolean", "text", "custom boolean", "integer", "no integer", "number as text"],
)
def test_texts_get_the_type_of_their_attribute(value: str, path: str, kind: str | None, expected: Any) -> None:
    assert typed(value, TargetPath.parse(path), kind) == expected


def test_a_resource_is_read_at_the_paths_of_the_mappings() -> None:
    resource = {
        "userName": "ann",
        "active": False,
        "name": {"givenName": "Ann"},
        "emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w", "primary": True}],
        "members": [{"value": "u1"}, {"value": "u2", "display": "U"}],
        ENTERPRISE_USER: {"department": "Sales", "manager": {"value": "m1", "displayName": "M"}},
    }
    paths = ["userName", "active", "name.givenName", "name.familyName", WORK_EMAIL, "members", DEPARTMENT, "title",
             f"{ENTERPRISE_USER}:manager", 'emails[primary eq "True"].value']  # fmt: skip

    assert decompose(resource, paths) == {
        "userName": "ann",
        "active": False,
        "name.givenName": "Ann",
        WORK_EMAIL: "w",
        "members": ["u1", "u2"],
        DEPARTMENT: "Sales",
        f"{ENTERPRISE_USER}:manager": "m1",
        'emails[primary eq "True"].value': "w",
    }


def test_names_of_attributes_count_without_case() -> None:
    assert value_at({"Name": {"GivenName": "Ann"}}, TargetPath.parse("name.givenName")) == "Ann"
    assert (
        value_at({"emails": [{"type": "work", "value": "w"}]}, TargetPath.parse('emails[type eq "work"].Value')) == "w"
    )


@pytest.mark.parametrize("text", ["", "emails[type eq work].value", "name..givenName", "a b", "urn:x", "emails[]"])
def test_a_path_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PathError, match="is not a target attribute"):
        TargetPath.parse(text)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("paths", [(WORK_EMAIL, "emails.value"), ("emails", WORK_EMAIL), ("name", "name.givenName")])
def test_paths_that_contradict_each_other_are_refused(paths: tuple[str, str], turned: bool) -> None:
    first, second = reversed(paths) if turned else paths
    with pytest.raises(PathError, match=r"cannot be sent beside another target attribute of (emails|name)") as caught:
        compose(ENTERPRISE_USER, {first: "a", second: "b"})
    assert repr(second) in str(caught.value)


def test_only_users_and_groups_are_resources() -> None:
    assert (resource_type(ENTERPRISE_USER), resource_type(CORE_GROUP)) == ("User", "Group")
    with pytest.raises(PathError, match="neither a user nor a group"):
        resource_type("urn:ietf:params:scim:schemas:core:2.0:Role")


SIMPLE = ["userName", "displayName", "title", "name.givenName", "name.familyName", "externalId", DEPARTMENT]
TYPED = [
    f'{name}[type eq "{kind}"].value' for name in ("emails", "phoneNumbers") for kind in ("work", "home", "mobile")
]


@given(st.dictionaries(st.sampled_from(SIMPLE + TYPED), st.text(min_size=1, max_size=20)))
def test_what_is_composed_is_read_back(values: dict[str, str]) -> None:
    assert decompose(compose(ENTERPRISE_USER, values), SIMPLE + TYPED) == values
