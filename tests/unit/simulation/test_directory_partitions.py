"""However a directory is shared out, the findings are the same."""

from __future__ import annotations

import random
from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eptura_scim import documented
from eptura_scim.simulation.directory_check import unique_keys as keys
from eptura_scim.simulation.directory_check.collisions import candidates
from eptura_scim.simulation.directory_check.result import CheckResult
from eptura_scim.simulation.directory_check.run import check, conclude, confirm, summarize
from eptura_scim.simulation.directory_check.summary import merge_summaries
from tests.examples import examples
from tests.unit.simulation.directory_samples import ObjectsPartition, finding, group, partitions, plan, user

MAPPINGS = documented.mappings(phone_work="rfc3966", user_filter='department NOT EQUALS "Legal"')
PHONES = ["+1 (425) 555-0100", "+14255550100", "555 0100", "tel:+1-201-555-0123", ""]

users = st.builds(
    lambda name, mail, department, enabled, phone: user(
        name,
        mail=mail and f"{name}@contoso.example",
        department=department,
        accountEnabled=enabled,
        businessPhones=[phone],
    ),
    st.sampled_from(["ada", "Ada", "bo", "cy", "o'neil"]),
    st.booleans(),
    st.sampled_from(["Sales", "Legal"]),
    st.booleans(),
    st.sampled_from(PHONES),
)
directories = st.lists(users | st.sampled_from([group("a"), group("A"), group("b")]), max_size=20)


@examples(15)
@given(directories, st.data())
def test_any_split_gives_the_same_findings(objects: list[dict[str, Any]], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(objects)), max_size=6))
    assert check(plan(MAPPINGS), partitions(objects, cuts)) == check(plan(MAPPINGS), partitions(objects))


@examples(15)
@given(directories, st.data())
def test_any_order_of_merging_gives_the_same_findings(objects: list[dict[str, Any]], data: st.DataObject) -> None:
    """As when partitions come back from several machines, and are merge_summaries in groups."""
    numbered = list(enumerate(objects, 1))
    owner = [data.draw(st.integers(0, 3)) for _ in numbered]
    shares = [
        ObjectsPartition([one for one, whose in zip(numbered, owner, strict=True) if whose == number], number)
        for number in range(4)
    ]
    task = plan(MAPPINGS)
    order = data.draw(st.permutations(shares))
    halves = [
        merge_summaries([summarize((task, share)) for share in half], task.examples) for half in (order[:2], order[2:])
    ]
    whole = merge_summaries(reversed(halves), task.examples)
    possible = candidates(whole, task)
    looks = [confirm((task, share, possible[share.number])) for share in order if share.number in possible]
    assert conclude(task, whole, looks) == check(task, partitions(objects))


def collide(monkeypatch: Any) -> CheckResult:
    """A check in which every value has the same hash."""
    monkeypatch.setattr("eptura_scim.simulation.directory_check.scan.digest", lambda _text: b"collided")
    chance = random.Random(7)
    objects = [user(f"u{at}") for at in range(40)] + [user("u3", id="x")]
    chance.shuffle(objects)
    return check(plan(), partitions(objects, [10, 20]))


def test_equal_hashes_of_different_values_are_not_a_finding(monkeypatch: Any) -> None:
    found = collide(monkeypatch)
    assert [one.code for one in found.findings] == ["username-not-unique"]
    assert (finding(found, "username-not-unique").count, found.failing) == (2, 1)


def test_a_hash_is_the_same_in_every_process() -> None:
    assert keys.digest("ada@contoso.example").hex() == "3606baacc5e5fd89"


def test_a_key_takes_eight_bytes_an_object() -> None:
    summary = summarize((plan(), partitions([user(f"u{at}") for at in range(100)])[0]))
    held = summary.keys[0, "User"]
    assert [one.itemsize * len(one) for one in (held.offsets, *held.hashes)] == [800, 800, 800]
    assert all(isinstance(one, array) for one in held.hashes)
