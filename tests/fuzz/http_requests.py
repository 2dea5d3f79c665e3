"""Requests as clients send them, and as none should: paths, queries, headers and bodies for hypothesis."""

from __future__ import annotations

import copy
import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

__all__ = ["JSON", "METHODS", "Asked", "Places", "asked", "changed_json"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE")
_TEXTS = st.text(max_size=10) | st.sampled_from(
    (
        "",
        "..",
        ".",
        "%2e%2e",
        "%00",
        "%ff",
        "é",
        "'",
        "appId='x'",
        "0",
        "²",
        "-1",
        "9" * 5000,
        "*",
        "null",
        "a" * 9000,
        "/.default",
        "client_credentials",
        "scim",
        "true",
        "\ud800",
        "Watermark, Full",
        "[objectId]",
        'Join("',
        "1e999",
    )
)
_NUMBERS = st.sampled_from((0, -1, 1, 2**31, 2**64, 10**400, 1.5, float("nan"), float("inf"), 1e308))
_LEAVES = st.none() | st.booleans() | _NUMBERS | _TEXTS
_KEYS = _TEXTS | st.sampled_from(("id", "appId", "value", "key", "name", "type", "displayName", "@odata.type"))
JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=6
)
_NO_JSON = st.binary(max_size=20) | st.sampled_from(
    (b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 20_000, b"1" * 5000)
)
_QUERIES = ("$filter", "$select", "$top", "$skiptoken", "api-version", "startIndex", "count", "filter", "attributes")
_FILTERS = ("appId eq '%s'", "displayName eq 'x' and ", "templateId eq 'scim'", "accountEnabled eq true", "a eq b", "'")
_HEADERS = ("authorization", "client-request-id", "content-type", "user-agent", "if-match", "prefer", "x" * 3000)


class Asked(NamedTuple):
    """A request; `authorized` ones carry a valid token."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    authorized: bool


class Places(NamedTuple):
    """Where something is: route templates with methods, what stands for their parameters, bodies that are right."""

    routes: list[tuple[str, list[str]]]
    parameters: dict[str, list[str]]
    bodies: dict[str, list[Any]]
    """By the last part of a route that takes them; the others get any of them."""


def asked(places: Places) -> st.SearchStrategy[Asked]:
    """A request, mostly to a place that exists."""
    return st.sampled_from(places.routes).flatmap(lambda route: _asked_at(*route, places))


def _mostly(usual: st.SearchStrategy[Any], other: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda chance: other if chance == 0 else usual)


def _asked_at(route: str, methods: list[str], places: Places) -> st.SearchStrategy[Asked]:
    every = [body for bodies in places.bodies.values() for body in bodies]
    bodies = st.sampled_from(places.bodies.get(route.rpartition("/")[2], every)).flatmap(changed_json)
    return st.builds(
        Asked,
        method=_mostly(st.sampled_from(methods), st.sampled_from(METHODS)),
        path=_path(route, places.parameters),
        query=st.lists(st.tuples(st.sampled_from(_QUERIES), _TEXTS | st.sampled_from(_FILTERS)), max_size=2).map(
            lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
        ),
        headers=st.lists(st.tuples(st.sampled_from(_HEADERS), st.text("aé =Bearer.,*\t", max_size=12)), max_size=2),
        body=_mostly(bodies.map(_written), JSON.map(_written) | _forms() | _NO_JSON),
        authorized=_mostly(st.just(True), st.just(False)),
    )


def changed_json(valid: Any) -> st.SearchStrategy[Any]:
    """A right body of which up to three values, at any depth, are others."""

    def made(changes: list[tuple[list[int], Any]]) -> Any:
        changed = copy.deepcopy(valid)
        for way, value in changes:
            _put(changed, way, value)
        return changed

    ways = st.lists(st.integers(0, 40), min_size=1, max_size=9)
    return st.lists(st.tuples(ways, JSON), max_size=3).map(made)


def _put(tree: Any, way: list[int], value: Any) -> None:
    """Replace what stands at the end of a way down the tree; each number of the way chooses one child."""
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree))) if isinstance(tree, list) else []
        if not keys:
            return
        key = keys[way[0] % len(keys)]
        if len(way) == 1 or not isinstance(tree[key], dict | list) or not tree[key]:
            tree[key] = value
            return
        tree, way = tree[key], way[1:]


def _path(route: str, parameters: dict[str, list[str]]) -> st.SearchStrategy[str]:
    names = [part.split("}")[0] for part in route.split("{")[1:]]
    values = {name: _mostly(st.sampled_from(parameters.get(name, [""])), _TEXTS) for name in names}

    def filled(found: dict[str, str]) -> str:
        path = route
        for name, value in found.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    return st.fixed_dictionaries(values).map(filled)


def _written(value: Any) -> bytes:
    return json.dumps(value).encode()


def _forms() -> st.SearchStrategy[bytes]:
    names = ("grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type")
    return st.dictionaries(st.sampled_from(names), _TEXTS, max_size=6).map(
        lambda form: "&".join(f"{name}={value}" for name, value in form.items()).encode("utf-8", "surrogatepass")
    )
