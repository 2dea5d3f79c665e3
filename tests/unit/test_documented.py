"""Eptura's documented configuration, held against the guide."""

import pytest

from eptura_scim import documented
from eptura_scim.documented import Phone
from eptura_scim.mapping import AttributeMapping


def users(work: Phone = "off", mobile: Phone = "off") -> dict[str, AttributeMapping]:
    return documented.mappings(phone_work=work, phone_mobile=mobile, group_matching="externalIdThenDisplayName").users


def test_only_six_user_attributes_are_mandatory_and_mapped() -> None:
    assert list(users()) == [
        "userName",
        "active",
        'emails[type eq "work"].value',
        "name.givenName",
        "name.familyName",
        "externalId",
    ]


def test_attribute_names_have_straight_quotes() -> None:
    assert all(name.isascii() for name in users("direct", "direct"))


@pytest.mark.parametrize(
    ("work", "mobile", "count"), [("off", "off", 6), ("direct", "off", 7), ("off", "e164", 7), ("direct", "rfc3966", 8)]
)
def test_each_phone_attribute_is_a_choice_of_its_own(work: Phone, mobile: Phone, count: int) -> None:
    found = users(work, mobile)
    assert len(found) == count
    assert ('phoneNumbers[type eq "work"].value' in found) == (work != "off")
    assert ('phoneNumbers[type eq "mobile"].value' in found) == (mobile != "off")


def test_user_name_alone_matches_users() -> None:
    assert {name: m.matching_precedence for name, m in users().items() if m.matching_precedence} == {"userName": 1}


def test_every_row_is_applied_always_and_has_no_default() -> None:
    rows = users("e164", "rfc3966").values()
    assert {(row.apply, row.default_value, row.flow_behavior) for row in rows} == {("Always", None, "FlowWhenChanged")}


def test_every_row_names_its_step_in_the_guide() -> None:
    rows = [*documented.USERS, *documented.PHONES.values(), *documented.GROUPS]
    assert all(row.step for row in rows)
