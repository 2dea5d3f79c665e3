"""Differences are found, all of them and nothing else, and are named as the engine names them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eptura_scim.plugin_sdk.difference import Path, differences, is_ignored, render
from eptura_scim.plugin_sdk.values import UNKNOWN

LEAVES = st.booleans() | st.integers() | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), st.none() | inner, max_size=3),
    max_leaves=8,
)
TREES = st.dictionaries(st.sampled_from("abc"), st.none() | VALUES, max_size=3)
SEGMENTS = st.integers(0, 3) | st.text(st.sampled_from('ab.["]\\ '), max_size=4)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map(tuple)


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def at(value: Any, path: Path) -> Any:
    for segment in path:
        if isinstance(value, dict):
            value = value.get(segment)
        else:
            value = value[segment] if isinstance(segment, int) and segment < len(value) else None
    return value


@given(TREES, TREES)
def test_empty_exactly_when_equal(old: Any, new: Any) -> None:
    assert (not list(differences(old, new))) == (without_none(old) == without_none(new))


@given(TREES)
def test_nothing_differs_from_itself(value: Any) -> None:
    assert not list(differences(value, value))


@given(TREES, TREES)
def test_each_named_place_differs_and_is_named_once(old: Any, new: Any) -> None:
    found = list(differences(old, new))
    assert len({path for path, _ in found}) == len(found)
    for path, kind in found:
        before, after = at(old, path), at(new, path)
        assert without_none(before) != without_none(after)
        assert kind == ("add" if before is None else "delete" if after is None else "update")


@given(TREES, TREES)
def test_the_way_back_has_the_opposite_differences(old: Any, new: Any) -> None:
    opposite = {"add": "delete", "delete": "add", "update": "update"}
    assert sorted((render(path), opposite[kind]) for path, kind in differences(old, new)) == sorted(
        (render(path), kind) for path, kind in differences(new, old)
    )


def test_the_deepest_place_is_named() -> None:
    old = {"users": {"name.givenName": {"source": "givenName", "apply": "Always"}, "gone": {}}, "tags": ["a", "b"]}
    new = {"users": {"name.givenName": {"source": "nickName", "apply": "Always"}}, "tags": ["a", "c", "d"]}
    assert [(render(path), kind) for path, kind in differences(old, new)] == [
        ('users["name.givenName"].source', "update"),
        ("users.gone", "delete"),
        ("tags[1]", "update"),
        ("tags[2]", "add"),
    ]


def test_an_unknown_may_always_differ() -> None:
    assert list(differences({"a": "x"}, {"a": UNKNOWN})) == [(("a",), "update")]
    assert list(differences({}, {"a": UNKNOWN})) == [(("a",), "add")]


def test_a_resource_may_call_two_leaves_the_same() -> None:
    assert not list(differences({"a": ["X"]}, {"a": ["x"]}, lambda path, old, new: old.lower() == new.lower()))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b", 0, "c"), "a.b[0].c"),
        (("name.givenName",), '["name.givenName"]'),
        (("users", 'emails[type eq "work"].value'), 'users["emails[type eq \\"work\\"].value"]'),
        (("a", "back\\slash"), 'a["back\\\\slash"]'),
        (("$ref", "_x1"), "$ref._x1"),
        (("a", ""), 'a[""]'),
        (("a", "1"), 'a["1"]'),
        (("a", "line\n"), 'a["line\n"]'),
    ],
)
def test_paths_have_the_engines_form(path: Path, text: str) -> None:
    assert render(path) == text


@given(PATHS, PATHS)
def test_two_paths_are_never_written_alike(one: Path, other: Path) -> None:
    assume(one != other)
    assert render(one) != render(other)


@given(PATHS, PATHS)
def test_an_ignored_property_is_ignored_with_all_below(path: Path, below: Path) -> None:
    assert is_ignored(path, [render(path)])
    assert is_ignored((*path, *below), [render(path)])


@given(PATHS, PATHS)
def test_properties_beside_and_above_are_not_ignored(path: Path, other: Path) -> None:
    assume([str(segment) for segment in path] != [str(segment) for segment in other[: len(path)]])
    assert not is_ignored(other, [render(path)])


@pytest.mark.parametrize("text", ["tags[0]", "tags[*]", "tags", '["tags"]', "*"])
def test_ways_to_write_what_is_ignored(text: str) -> None:
    assert is_ignored(("tags", 0, "name"), [text])


@pytest.mark.parametrize("text", ["", "tags[", 'tags["', "[]", "a..b"])
def test_what_is_not_a_property_path_ignores_nothing(text: str) -> None:
    assert not is_ignored(("tags", 0), [text])
