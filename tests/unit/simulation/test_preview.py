"""One user or group through the mappings."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.mapping import AttributeMapping, Mappings
from eptura_scim.simulation.preview import Preview, differences, preview
from tests.unit.simulation.directory_samples import NOW, group, user

WORK = 'emails[type eq "work"].value'


def shown(found: dict[str, Any], mappings: Mappings | None = None, **options: Any) -> Preview:
    kind = "Group" if "@odata.type" in found else "User"
    return preview(mappings or documented.mappings(), kind, found, NOW, **options)  # type: ignore[arg-type]


def changed(**sources: str | None) -> Mappings:
    mappings = documented.mappings()
    rows = {name: AttributeMapping(source=source) for name, source in sources.items()}
    return mappings.model_copy(update={"users": {**mappings.users, **rows}})


def test_a_payload_has_the_documented_attributes_and_is_valid() -> None:
    found = shown(user("ada"))
    assert (found.left_out, found.problems) == ("", ())
    assert found.payload["userName"] == "ada@contoso.example"
    assert found.payload["externalId"] == "id-ada"
    assert found.payload["active"] is True
    assert found.payload["emails"] == [{"primary": True, "type": "work", "value": "ada@contoso.example"}]


def test_members_of_a_group_are_shown_apart_from_its_creation() -> None:
    found = shown(group("Floor 2", members=[{"id": "1"}, {"id": "2"}]))
    assert (found.problems, found.payload["displayName"]) == ((), "Floor 2")
    assert "members" not in found.payload
    [members] = [line for line in found.lines if line.row.target == "members"]
    assert (members.flow.value, members.reason) == (["1", "2"], "sent after the object itself")


def test_a_missing_mandatory_attribute_is_named_with_its_reason() -> None:
    [problem] = shown(user(mail=None)).problems
    assert str(problem) == f"{WORK}: mandatory, and not sent: [mail] is empty"


@pytest.mark.parametrize(
    ("target", "source", "said"),
    [
        (WORK, '"nobody"', f"{WORK}: value is not a valid email address"),
        ("active", '"perhaps"', "active: Input should be a valid boolean"),
        ("emails.value", "[mail]", "'emails.value' cannot be sent beside another target attribute of emails"),
        ("ProfileUrl", '"floor 2"', "profileUrl: Invalid URI: floor 2"),
        ("emails", "[otherMails]", "'emails' cannot be sent beside another target attribute of emails"),
        ("two words", '"x"', "two words: 'two words' is not a target attribute such as userName"),
        ("shoeSize", '"44"', "shoeSize: not an attribute of SCIM's own schemas"),
        ("urn:x:2.0:User:floor", '"2"', "urn:x:2.0:User:floor: not an attribute of SCIM's own schemas"),
        ("title", "Left([mail], [surname])", "title: Left: NumChars: a number is needed, not 'Vance'"),
    ],
)
def test_values_that_a_schema_or_expression_refuses_are_named(target: str, source: str, said: str) -> None:
    [problem] = shown(user(otherMails=["a@b.example"]), changed(**{target: source})).problems
    assert str(problem).startswith(said)


def test_the_schemas_refuse_a_user_without_a_name_as_a_whole() -> None:
    wanted, refused = shown(user(userPrincipalName=None)).problems
    assert str(wanted) == "userName: mandatory, and not sent: [userPrincipalName] is empty"
    assert str(refused).startswith("Field 'userName' is required")


def test_what_is_mandatory_and_not_mapped_is_named() -> None:
    mappings = documented.mappings()
    users = {target: row for target, row in mappings.users.items() if target != "externalId"}
    [problem] = shown(user(), mappings.model_copy(update={"users": users})).problems
    assert str(problem) == "externalId: mandatory, and not mapped"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "the mapping has no source"),
        ("[jobTitle]", "[jobTitle] is empty"),
        ('Switch([mail], , "x", "y")', "the expression gives nothing"),
        ('IIF([surname] = "Vance", IgnoreAttributeFlow, "x")', "the expression gives IgnoreAttributeFlow"),
    ],
)
def test_why_nothing_flows_is_said(source: str | None, reason: str) -> None:
    [line] = [line for line in shown(user(), changed(title=source)).lines if line.row.target == "title"]
    assert (line.flow.value, line.reason) == (None, reason)


def test_the_reason_for_leaving_a_user_out_is_given() -> None:
    sales = documented.mappings(user_filter='department EQUALS "Sales"')
    assert shown(user(), sales).left_out == "the scoping filter leaves it out"
    assert shown(user(department="Sales"), sales).left_out == ""
    assert shown(user(accountEnabled=False)).left_out == "it is blocked from signing in"
    assert shown(user(deletedDateTime="2026-11-01T00:00:00Z")).left_out == "it is deleted"
    assert shown(user(), is_assigned=False).left_out == "it is not assigned to the application"
    ignoring = changed(title='IIF([surname] = "Vance", IgnoreObjectFlow, "x")')
    assert shown(user(), ignoring).left_out == "the expression of title gives IgnoreObjectFlow"


def test_who_cannot_be_judged_is_left_out_with_the_reason() -> None:
    mappings = documented.mappings()
    assert shown(user(), mappings.model_copy(update={"provision_users": False})).left_out == "users are not provisioned"
    unread = mappings.model_copy(update={"user_filter": 'department REGEX MATCH "("'})
    assert shown(user(), unread).left_out.startswith("the scoping filter cannot be used: REGEX MATCH: the pattern")
    plans = documented.mappings(user_filter='assignedPlans EQUALS "Teams"')
    assert shown(user(assignedPlans=[{"service": "Teams"}]), plans).left_out.startswith(
        "the scoping filter cannot be judged: EQUALS: one value is needed"
    )


def test_differences_are_by_target_attribute() -> None:
    one, other = shown(user(jobTitle="Boss"), changed(title="[jobTitle]", externalId="[mail]")), shown(user())
    assert differences(one, other) == [
        ("externalId", "adele@contoso.example", "id-adele"),
        ("title", "Boss", None),
    ]


def test_a_function_that_is_not_known_is_not_judged() -> None:
    found = shown(user(), changed(title="Frobnicate([mail])", userName='Replace([mail], , "a{999999999}", , "", , )'))
    assert [str(problem).partition(" at ")[0] for problem in found.problems if problem.attribute] == []
    assert {problem.attribute for problem in found.not_judged} == {"title", "userName"}
    assert "unknown function Frobnicate" in str(found.not_judged)
