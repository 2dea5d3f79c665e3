"""Objects that share a value which must differ: suspected by hashes, confirmed by the values themselves."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from eptura_scim.mapping.flow import GraphObject, object_flow
from eptura_scim.mapping.source import Kind
from eptura_scim.simulation.directory_check.scan import Plan, who
from eptura_scim.simulation.directory_check.summary import Example, Keys, Subject, Summary, first_of
from eptura_scim.simulation.directory_check.unique_keys import Key, keys_of

__all__ = [
    "Collision",
    "Collisions",
    "SecondLook",
    "Suspects",
    "Suspicion",
    "collisions",
    "found_again",
    "suspects",
]

_NAMED = 3


class Suspicion(NamedTuple):
    """Why an object is looked at again."""

    kind: Kind
    key: int
    """Number of the key among those of its kind."""
    fails: bool
    """Whether the object fails by itself."""


Suspects = Mapping[int, list[Suspicion]]
"""By position."""


@dataclass(slots=True)
class _Shared:
    """A value, and the objects that have it as far as they were looked at."""

    count: int
    able: array[int]
    """Positions of those that do not fail by themselves."""
    examples: list[Example]
    """The first ones."""


@dataclass(slots=True)
class SecondLook:
    """What a second look at the suspects of a part found: who has which value. Merges as summaries do."""

    values: dict[tuple[Kind, int, str], _Shared] = field(default_factory=dict)

    def add(self, suspicion: Suspicion, text: str, example: Example) -> None:
        """Take in one object. Positions grow."""
        shared = self.values.setdefault(
            (suspicion.kind, suspicion.key, text), _Shared(0, array("Q"), [])
        )  # fmt: skip
        shared.count += 1
        if not suspicion.fails:
            shared.able.append(example.position)
        if len(shared.examples) < _NAMED:
            shared.examples.append(example)

    def merge(self, other: SecondLook) -> None:
        """Take in what was found in another part."""
        for key, shared in other.values.items():
            known = self.values.get(key)
            if known is None:
                self.values[key] = shared
                continue
            known.count += shared.count
            known.able.extend(shared.able)
            known.examples = first_of((*known.examples, *shared.examples), _NAMED)


def suspects(summary: Summary, plan: Plan) -> dict[int, Suspects]:
    """The objects to look at again, by number of their part: those whose hash another object has as well."""
    found: dict[int, dict[int, list[Suspicion]]] = {}
    kinds: tuple[Kind, ...] = ("User", "Group")
    for kind in kinds:
        parts = {part: keys for (part, name), keys in summary.keys.items() if name == kind}
        for number in range(len(keys_of(object_flow(plan.mappings, kind)))):
            twice = _twice(keys.hashes[number] for keys in parts.values())
            if not twice:
                continue
            for part, keys in parts.items():
                for position, fails in _with(keys, number, twice):
                    suspicions = found.setdefault(part, {}).setdefault(position, [])
                    suspicions.append(Suspicion(kind, number, fails))
    return dict(found)


def _twice(arrays: Iterable[array[int]]) -> set[int]:
    """The hashes that occur more than once."""
    joined = array("Q")
    for hashes in arrays:
        joined.extend(hashes)
    ordered = sorted(joined)
    return {one for one, other in pairwise(ordered) if one == other and one}


def _with(keys: Keys, number: int, twice: set[int]) -> Iterable[tuple[int, bool]]:
    for packed, hashed in zip(keys.positions, keys.hashes[number], strict=True):
        if hashed in twice:
            yield packed >> 1, bool(packed & 1)


def found_again(plan: Plan, suspects: Suspects, objects: Iterable[tuple[int, GraphObject]]) -> SecondLook:
    """Look at the suspects of a part again; `objects` gives them by position, and may give others."""
    kinds: tuple[Kind, ...] = ("User", "Group")
    flows = {kind: object_flow(plan.mappings, kind) for kind in kinds}
    keys: dict[Kind, list[Key]] = {kind: keys_of(flow) for kind, flow in flows.items()}
    made = SecondLook()
    for position, found in objects:
        for suspicion in suspects.get(position, ()):
            key = keys[suspicion.kind][suspicion.key]
            attributes = flows[suspicion.kind].read(found)
            value = key.row.flow(attributes, plan.surroundings).value
            made.add(suspicion, key.text(value), Example(position, who(found), str(value)))
    return made


class Collision(NamedTuple):
    """What is known in the end of one key."""

    objects: int
    """How many share their value with another one."""
    values: int
    """How many values are shared."""
    examples: list[Example]
    """One for each of the first values: who has it."""


class Collisions(NamedTuple):
    """What is known in the end of values that must differ and do not."""

    found: dict[Subject, Collision]
    refused: dict[Kind, int]
    """Objects that would be refused for this alone: all but the first of each value."""


def collisions(look: SecondLook, plan: Plan) -> Collisions:
    """Sum up a second look at all suspects. One value with the hash of another is no collision."""
    refused: dict[Kind, set[int]] = {"User": set(), "Group": set()}
    shared: dict[tuple[Kind, int], list[_Shared]] = {}
    for (kind, number, _text), seen in look.values.items():
        if seen.count > 1:
            shared.setdefault((kind, number), []).append(seen)
    keys = {kind: keys_of(object_flow(plan.mappings, kind)) for kind in refused}
    found = {}
    for (kind, number), values in sorted(shared.items()):
        key = keys[kind][number]
        values.sort(key=lambda seen: seen.examples[0].position)
        found[Subject(key.code, kind, key.row.target)] = Collision(
            objects=sum(seen.count for seen in values),
            values=len(values),
            examples=[_example(seen) for seen in values[: plan.examples]],
        )
        if key.refused:
            for seen in values:
                refused[kind].update(sorted(seen.able)[1:])
    return Collisions(found, {kind: len(positions) for kind, positions in refused.items()})


def _example(seen: _Shared) -> Example:
    names = ", ".join(example.who for example in seen.examples)
    more = seen.count - len(seen.examples)
    return Example(seen.examples[0].position, f"{names} and {more} more" if more else names, seen.examples[0].detail)
