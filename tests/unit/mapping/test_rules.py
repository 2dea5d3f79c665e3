"""Which rule and which object mappings of a schema provision from Entra into the application."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.mapping.errors import SchemaError
from eptura_scim.mapping.rules import (
    attribute_definitions,
    further_mappings,
    object_mapping,
    objects_of,
    outbound_rule,
)
from eptura_scim.mapping.scim_schemas import ENTERPRISE_USER

ENTRA, APP = "Azure Active Directory", "customappsso"


def mapped(source: str, target: str = ENTERPRISE_USER, name: str = "m") -> dict[str, Any]:
    return {"sourceObjectName": source, "targetObjectName": target, "name": name, "enabled": True}


def rule(source: str, target: str, *mappings: dict[str, Any], name: str = "r", **more: Any) -> dict[str, Any]:
    directories = {"sourceDirectoryName": source, "targetDirectoryName": target}
    return {"name": name, **directories, "objectMappings": [*mappings], **more}


def schema(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"synchronizationRules": [*rules]}


USERS, DEVICES = mapped("User"), mapped("Device")
OUT = rule(ENTRA, APP, USERS)
OUT_WITHOUT = rule(ENTRA, APP)
INTO_ENTRA = rule(APP, ENTRA, mapped("User", "User"))
FROM_OTHER = rule("Workday", APP, USERS)


@pytest.mark.parametrize(
    ("rules", "chosen"),
    [
        ([INTO_ENTRA, OUT], OUT),
        ([INTO_ENTRA, OUT_WITHOUT], OUT_WITHOUT),
        ([OUT_WITHOUT], OUT_WITHOUT),
        ([FROM_OTHER, OUT], OUT),
        ([FROM_OTHER], FROM_OTHER),
        ([OUT_WITHOUT, OUT], OUT),
        ([rule(ENTRA, APP, DEVICES), OUT], OUT),
        ([OUT_WITHOUT, FROM_OTHER], FROM_OTHER),
    ],
    ids=["the other direction", "that alone has mappings", "no mappings", "another source", "no known source",
         "mappings in the second", "other objects", "mappings of another source"],
)  # fmt: skip
def test_the_rule_from_entra_is_the_one_that_maps_users(rules: list[dict[str, Any]], chosen: dict[str, Any]) -> None:
    assert outbound_rule(schema(*rules)) is chosen


@pytest.mark.parametrize("name", ["Azure Active Directory", "Azure AD", "Microsoft Entra ID"])
def test_entra_is_known_by_each_of_its_names(name: str) -> None:
    outbound = rule(name, APP, USERS)
    assert outbound_rule(schema(FROM_OTHER, rule(APP, name, mapped("User", "User")), outbound)) is outbound
    with pytest.raises(SchemaError):
        outbound_rule(schema(rule(APP, name, mapped("User", "User"))))


@pytest.mark.parametrize("rules", [[], [INTO_ENTRA], [rule("Workday", APP)]])
def test_a_schema_without_a_rule_from_entra_is_refused(rules: list[dict[str, Any]]) -> None:
    with pytest.raises(SchemaError, match="no rule from Entra into the application"):
        outbound_rule(schema(*rules))


OF_DEVICES, OF_USERS = mapped("User", "urn:x:Device"), mapped("User", "urn:x:User")


@pytest.mark.parametrize(
    ("mappings", "chosen"),
    [
        ([OF_DEVICES, OF_USERS], OF_USERS),
        ([OF_DEVICES, mapped("User", "urn:x:Other")], OF_DEVICES),
        ([mapped("Group", "urn:x:User")], None),
    ],
    ids=["the same kind", "none of the kind", "another kind"],
)
def test_users_are_mapped_by_the_mapping_into_users(mappings: list[Any], chosen: dict[str, Any] | None) -> None:
    assert object_mapping(schema(rule(ENTRA, APP, *mappings)), "User") is chosen


def further(*rules: dict[str, Any]) -> list[str]:
    return [name.partition(":")[0] for name in further_mappings(schema(OUT, *rules))]


@pytest.mark.parametrize(
    ("beside", "names"),
    [
        (rule(ENTRA, APP, USERS | {"name": "2"}, name="Beside"), ["Beside"]),
        (rule("Workday", APP, USERS | {"name": "2"}), []),
        (rule(ENTRA, "other", USERS | {"name": "2"}), []),
        (rule(ENTRA, APP, DEVICES), []),
        (rule(ENTRA, APP, USERS | {"enabled": False}), []),
    ],
    ids=["same directories", "another source", "another target", "other objects", "off"],
)
def test_further_mappings_are_those_into_the_application(beside: dict[str, Any], names: list[str]) -> None:
    assert further(beside) == names


def test_two_further_mappings_have_two_names() -> None:
    found = further_mappings(schema(OUT, rule(ENTRA, APP, dict(USERS), dict(USERS))))
    assert [*found] == [name := f"r: User to {ENTERPRISE_USER}", f"{name} (2)"]


@pytest.mark.parametrize("priority", [None, "1", 1.5])
def test_a_priority_that_is_not_a_whole_number_is_0(priority: object) -> None:
    second, third = (
        rule(ENTRA, APP, dict(USERS), name=name, priority=number) for name, number in (("b", 1), ("c", -1))
    )
    assert further(rule(ENTRA, APP, dict(USERS), name="a", priority=priority), second, third) == ["c", "a", "b"]


@pytest.mark.parametrize("place", [{}, {"objectMappings": None}])
def test_a_missing_list_is_empty(place: dict[str, Any]) -> None:
    assert objects_of(place, "objectMappings") == []


@pytest.mark.parametrize("value", [5, "text", ["text"], [{}, None]])
def test_a_place_that_is_not_a_list_of_objects_is_refused(value: object) -> None:
    with pytest.raises(SchemaError, match="objectMappings is not a list of objects"):
        objects_of({"objectMappings": value}, "objectMappings")


def test_definitions_are_those_of_the_directory_and_the_object() -> None:
    directories = [
        {"name": directory, "objects": [{"name": name, "attributes": [{"name": f"{directory} {name}"}]}]}
        for directory in (ENTRA, APP)
        for name in ("User", "Group")
    ]
    assert [*attribute_definitions({"directories": directories}, APP, "Group")] == [f"{APP} Group"]
