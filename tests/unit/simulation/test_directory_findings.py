"""What a check says of users and groups: each code, and that a sound directory has none."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from eptura_scim import documented
from eptura_scim.mapping import AttributeMapping, Mappings
from eptura_scim.simulation.directory_check.finding_codes import FINDINGS, Code
from eptura_scim.simulation.directory_check.partition import Unreadable
from eptura_scim.simulation.directory_check.run import check, conclude
from eptura_scim.simulation.directory_check.summary import SourceGaps, Summary, Totals
from tests.unit.simulation.directory_samples import ObjectsPartition, codes, finding, group, plan, result_of, user

WORK = 'emails[type eq "work"].value'
PHONE = 'phoneNumbers[type eq "work"].value'


def with_users(**rows: AttributeMapping | str) -> Mappings:
    """The documented mappings with other rows of users; `__` is a dot, a text is a source."""
    mappings = documented.mappings()
    changed = {
        name.replace("__", "."): AttributeMapping(source=row) if isinstance(row, str) else row
        for name, row in rows.items()
    }
    return mappings.model_copy(update={"users": {**mappings.users, **changed}})


def test_a_sound_directory_has_no_findings() -> None:
    found = result_of(user("a"), user("b"), group("x"), group("y"))
    assert found.findings == ()
    assert (found.in_scope, found.failing, found.worst, found.quarantine) == (4, 0, None, "")


@pytest.mark.parametrize(
    ("missing", "target"),
    [("mail", WORK), ("givenName", "name.givenName"), ("surname", "name.familyName")],
)
@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_mandatory_attribute_is_an_error_by_target(missing: str, target: str, empty: Any) -> None:
    found = result_of(user("a"), user("b", **{missing: empty}))
    one = finding(found, "mandatory-empty")
    assert (one.severity, one.attribute, one.count) == ("error", target, 1)
    assert one.examples[0][1:3] == ("b@contoso.example", f"[{missing}] is empty")
    assert found.failing == 1


def test_userNames_that_differ_in_case_alone_are_one() -> None:  # noqa: N802 (an attribute's name)
    found = result_of(user("Ada"), user("b"), user("ada"), user("ADA"))
    one = finding(found, "username-not-unique")
    assert (one.count, one.values) == (3, 1)
    assert one.examples[0].who == "Ada@contoso.example, ada@contoso.example, ADA@contoso.example"
    assert found.failing == 2, "the first one is created"


def test_a_user_who_fails_anyway_is_not_a_duplicate_userName() -> None:  # noqa: N802
    assert result_of(user("ada", mail=None), user("Ada")).failing == 1


def test_an_external_id_of_another_source_is_compared_exactly() -> None:
    mappings = with_users(externalId="[mailNickname]")
    found = result_of(
        user("a", mailNickname="x"), user("b", mailNickname="x"), user("c", mailNickname="X"), mappings=mappings
    )
    one = finding(found, "externalid-not-unique")
    assert (one.kind, one.count, one.values) == ("User", 2, 1)


def test_equal_group_names_are_a_risk_while_names_match_groups() -> None:
    groups = group("Facilities", id="1"), group("facilities", id="2"), group("Legal")
    one = finding(result_of(*groups), "group-name-not-unique")
    assert (one.severity, one.count, one.values) == ("warning", 2, 1)
    by_id = documented.mappings(group_matching="externalIdOnly")
    assert codes(result_of(*groups, mappings=by_id)) == []


def test_any_other_matching_attribute_must_differ_too() -> None:
    mappings = with_users()
    mappings.users[WORK] = AttributeMapping(source="[mail]", matching_precedence=2)
    found = result_of(user("a", mail="x@y.example"), user("b", mail="x@y.example"), mappings=mappings)
    assert finding(found, "matching-collision").attribute == WORK


def test_an_object_without_a_value_to_match_by_fails() -> None:
    found = result_of(group(""), mappings=documented.mappings())
    assert "matching-empty" not in codes(found), "its externalId has one"
    mappings = with_users(userName=AttributeMapping(source="[employeeId]", matching_precedence=1))
    assert {"matching-empty", "mandatory-empty"} <= set(codes(result_of(user(), mappings=mappings)))


def test_special_characters_in_what_is_matched_by_are_named() -> None:
    one = finding(result_of(user("o'brien"), group("R&D")), "matching-special-characters", "displayName")
    assert one.examples[0][1:3] == ("R&D", "R&D")


def test_an_expression_that_fails_names_its_position() -> None:
    mappings = with_users(title="Left([displayName], [employeeId])")
    found = result_of(user("a", employeeId="3"), user("b", employeeId="x"), mappings=mappings)
    one = finding(found, "expression-fails")
    assert (one.attribute, one.count) == ("title", 1)
    assert "at character 1 of 'Left([displayName], [employeeId])'" in one.examples[0].detail
    assert found.failing == 1


def test_a_live_expression_that_is_not_known_is_not_judged() -> None:
    odd = AttributeMapping.model_construct(source="NoSuchFunction([mail])")
    found = result_of(user("a"), user("b"), mappings=with_users(title=odd))
    assert (finding(found, "not-judged").count, found.failing) == (2, 0)
    assert finding(found, "not-judged").severity == "warning"


def test_an_unknown_mandatory_expression_fails_no_user() -> None:
    odd = AttributeMapping.model_construct(source="NoSuchFunction([mail])", matching_precedence=1)
    found = result_of(user("a"), mappings=with_users(userName=odd))
    assert (finding(found, "not-judged", "userName").count, found.failing) == (1, 0)


def test_a_filter_with_an_unknown_part_is_not_judged() -> None:
    for unknown in ('mail Present "x"', '{inputFilterGroups: country EQUALS "US"}'):
        mappings = with_users().model_copy(update={"user_filter": unknown})
        found = result_of(user("a"), user("b"), mappings=mappings)
        assert (finding(found, "not-judged").count, found.failing, found.in_scope) == (2, 0, 2)


def test_a_value_that_an_expression_turns_into_nothing_is_shown() -> None:
    mappings = with_users(title='Switch([jobTitle], , "Boss", "Manager")')
    found = result_of(user("a"), user("b", jobTitle="Clerk"), user("c", jobTitle="Boss"), mappings=mappings)
    one = finding(found, "expression-gives-nothing")
    assert (one.count, one.examples[0].detail) == (1, "[jobTitle] Clerk")


def test_a_default_value_stands_in_for_nothing() -> None:
    mappings = with_users(name__givenName=AttributeMapping(source="[givenName]", default_value="-"))
    assert codes(result_of(user(givenName=None), mappings=mappings)) == []


def test_a_text_in_place_of_a_boolean_is_an_error() -> None:
    found = result_of(user(employeeType="Perhaps"), mappings=with_users(active="[employeeType]"))
    assert finding(found, "value-not-boolean").examples[0].detail == "Perhaps"


def test_invalid_addresses_are_warnings() -> None:
    assert finding(result_of(user(mail="adele")), "email-not-valid").severity == "warning"


def test_who_is_left_out_is_counted_and_not_judged() -> None:
    mappings = documented.mappings(user_filter='department EQUALS "Sales"')
    found = result_of(
        user("in", department="Sales"),
        user("out", department="Legal", mail=None),
        user("off", accountEnabled=False, mail=None),
        user("away", department="Sales", mail=None),
        mappings=mappings,
        assigned_ids=frozenset({"id-in", "id-out"}),
    )
    assert {one.code: one.count for one in found.findings} == {
        "left-out-by-filter": 1,
        "disabled": 1,
        "not-assigned": 1,
    }
    assert (found.totals["User"].seen, found.in_scope, found.worst) == (4, 1, "info")


def test_an_expression_may_leave_an_object_out() -> None:
    mappings = with_users(title='IIF([jobTitle] = "x", "y", IgnoreObjectFlow)')
    found = result_of(user(jobTitle="z"), mappings=mappings)
    assert (codes(found), found.in_scope) == (["nothing-in-scope", "left-out-by-expression"], 0)


def test_an_unusable_filter_fails_all_users() -> None:
    mappings = documented.mappings().model_copy(update={"user_filter": 'department REGEX MATCH "("'})
    found = result_of(user("a"), user("b"), mappings=mappings)
    assert (finding(found, "filter-fails").count, found.failing) == (2, 2)


def test_a_filter_over_a_value_that_is_not_text_fails_its_user() -> None:
    mappings = documented.mappings(user_filter='assignedPlans EQUALS "Teams"')
    found = result_of(user("a", assignedPlans=[{"service": "Teams"}]), user("b"), mappings=mappings)
    one = finding(found, "filter-fails")
    assert (one.count, one.examples[0].who, found.failing) == (1, "a@contoso.example", 1)
    assert one.examples[0].detail.startswith("EQUALS: one value is needed, not {'service': 'Teams'}")


def test_a_pattern_without_ends_is_named_once() -> None:
    found = result_of(user(department="Sales"), mappings=documented.mappings(user_filter='department REGEX MATCH "Sa"'))
    assert finding(found, "filter-not-anchored").attribute == 'department REGEX MATCH "Sa"'


def test_guests_are_checked_by_the_userName_of_their_home() -> None:  # noqa: N802
    guest = user("x", userType="Guest", userPrincipalName="ada_partner.example#EXT#@contoso.example")
    found = result_of(guest, user("y", userPrincipalName="ada@partner.example"))
    assert finding(found, "guest").count == 1
    assert finding(found, "username-not-unique").values == 1


def test_what_the_source_lacks_is_said_once_and_not_judged() -> None:
    users = [{**user(name), "mail": None, "accountEnabled": None} for name in "ab"]
    gaps = SourceGaps({"User": frozenset({"mail", "accountEnabled", "userType"})})
    found = result_of(*users, gaps=gaps)
    assert codes(found) == ["required-not-in-source"] * 2 + ["attribute-not-in-source"]
    assert finding(found, "required-not-in-source", "mail").note == f"needed for {WORK}"
    assert finding(found, "required-not-in-source", "accountEnabled").note == "needed for active, who is disabled"
    assert finding(found, "attribute-not-in-source", "userType").note == "needed for who is a guest"
    assert found.failing == 0


def test_a_mandatory_attribute_that_is_not_mapped_is_an_error() -> None:
    mappings = documented.mappings()
    without = mappings.model_copy(update={"users": {k: v for k, v in mappings.users.items() if k != "externalId"}})
    assert finding(result_of(user(), mappings=without), "mandatory-not-mapped").attribute == "externalId"


def test_lines_that_hold_no_object_are_counted_with_their_places() -> None:
    partition = ObjectsPartition([(1, user()), (2, Unreadable("not JSON")), (3, {**user("b"), "businessPhones": 5})])
    mappings = documented.mappings(phone_work="direct")
    one = finding(check(plan(mappings), [partition]), "unreadable")
    assert [example.offset for example in one.examples] == [2, 3]


def test_groups_that_are_not_provisioned_are_not_judged() -> None:
    mappings = documented.mappings().model_copy(update={"provision_groups": False})
    found = result_of(group("a", id="1"), group("a", id="2"), mappings=mappings)
    assert (codes(found), found.totals["Group"].seen, found.in_scope) == (["nothing-in-scope"], 2, 0)


@pytest.mark.parametrize(
    ("mode", "number", "code", "sent"),
    [
        ("direct", "+1 (425) 555-0100", "phone-not-rfc3966", "+1 (425) 555-0100"),
        ("direct", "tel:+1-201-555-0123", None, "tel:+1-201-555-0123"),
        ("e164", "+1 (425) 555-0100", "phone-without-tel", "+14255550100"),
        ("rfc3966", "+1 (425) 555-0100", None, "tel:+14255550100"),
        ("rfc3966", "425 555 0100", "phone-not-sent", ""),
    ],
)
def test_each_phone_mode_is_checked_by_the_numbers_it_sends(
    mode: Any, number: str, code: str | None, sent: str
) -> None:
    found = result_of(user(businessPhones=[number]), mappings=documented.mappings(phone_work=mode))
    assert codes(found) == ([code] if code else [])
    [(key, seen)] = found.phones
    assert (key.attribute, seen.number, seen.sent) == (PHONE, number, sent)


def test_telephone_numbers_are_counted_by_their_form() -> None:
    numbers = ["+1 (425) 555-0100", "+1 (206) 555-0199", "555 0100", None]
    users = [user(f"u{at}", businessPhones=[number] if number else []) for at, number in enumerate(numbers)]
    found = result_of(*users, mappings=documented.mappings(phone_work="rfc3966"))
    assert [(key.shape, key.form, seen.times) for key, seen in found.phones] == [
        ("+9 (999) 999-9999", "rfc3966", 2),
        ("999 9999", "nothing", 1),
    ]


def test_examples_are_the_first_objects_up_to_the_limit() -> None:
    found = result_of(*(user(f"u{at}", mail=None) for at in range(9)), examples=2)
    one = finding(found, "mandatory-empty")
    assert (one.count, [example.who for example in one.examples]) == (
        9, ["u0@contoso.example", "u1@contoso.example"]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "failing", "expected"),
    [
        (12_000, 4_999, ""),
        (12_500, 5_000, ""),
        (12_000, 5_000, "5,000 of 12,000 fail, 42%: more than 40%"),
        (200_000, 40_000, ""),
        (200_000, 40_001, "40,001 failures are more than 40,000"),
    ],
)
def test_the_thresholds_of_quarantine_are_microsofts(seen: int, failing: int, expected: str) -> None:
    whole = Summary(5)
    whole.totals["User"] = Totals(seen=seen, in_scope=seen, failing=failing)
    found = conclude(plan(), whole, [])
    assert found.quarantine == expected
    assert codes(found) == (["quarantine"] if expected else [])


def test_every_code_has_a_meaning_and_a_remedy() -> None:
    assert set(FINDINGS) == set(get_args(Code))
    assert all(kind.title and kind.meaning and kind.remedy for kind in FINDINGS.values())


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ({"members": [{"@odata.type": "#microsoft.graph.group", "displayName": "Inner"}]}, "has the group Inner"),
        (
            {"members": [{"Id": "2", "AdditionalProperties": {"@odata.type": "#microsoft.graph.group"}}]},
            "has the group 2",
        ),
        ({"members": {"id": "2", "securityEnabled": True}}, "has the group 2"),
        ({"memberOf": [{"@odata.type": "#microsoft.graph.group", "id": "8"}]}, "is in the group 8"),
    ],
)
def test_a_group_in_a_group_is_named(group: dict[str, Any], said: str) -> None:
    found = finding(
        result_of({"@odata.type": "#microsoft.graph.group", "id": "1", "displayName": "Outer", **group}), "nested-group"
    )
    assert [example.detail for example in found.examples] == [said]


@pytest.mark.parametrize(
    "group",
    [
        {},
        {"members": [{"@odata.type": "#microsoft.graph.user", "id": "2"}, {"id": "3"}, "4", None]},
        {"memberOf": [{"@odata.type": "#microsoft.graph.administrativeUnit", "id": "9"}]},
        {"members": "System.Object[]", "memberOf": None},
    ],
)
def test_members_that_are_users_or_units_are_not_nested_groups(group: dict[str, Any]) -> None:
    seen = result_of({"@odata.type": "#microsoft.graph.group", "id": "1", "displayName": "Outer", **group})
    assert "nested-group" not in {one.code for one in seen.findings}
