"""What a plain preview says of each difference."""

from eptura_scim.plugin_sdk.difference import differences
from eptura_scim.plugin_sdk.messages import Messages, described
from eptura_scim.plugin_sdk.values import UNKNOWN


def lines(old: dict[str, object], new: dict[str, object]) -> list[str]:
    return described(old, new, differences(old, new))


def test_each_difference_is_a_line_with_both_values() -> None:
    assert lines({"scope": "assigned"}, {"scope": "all"}) == ['~ scope: "assigned" => "all"']
    assert lines({}, {"threshold": 5}) == ["+ threshold: 5"]
    assert lines({"on": True}, {}) == ["- on: true"]


def test_a_mapping_is_told_by_what_flows() -> None:
    row = {"source": "[jobTitle]", "apply": "Always", "matchingPrecedence": 0}
    assert lines({"users": {"title": row}}, {"users": {}}) == ['- users.title: "[jobTitle]"']


def test_what_is_not_known_yet_is_said_so() -> None:
    assert lines({"job": "a"}, {"job": UNKNOWN}) == ['~ job: "a" => known after the update']
    assert "known after the update" in lines({}, {"job": {"id": UNKNOWN}})[0]


async def test_a_message_that_cannot_be_delivered_is_no_failure() -> None:
    await Messages().info("urn", "text")
    await Messages("127.0.0.1:1").warning("urn", "text")
