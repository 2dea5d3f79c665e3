"""Objects that share a value which must differ: candidates by hashes, confirmed by the values themselves."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from eptura_scim.mapping.flow import GraphObject, object_flow
from eptura_scim.simulation.directory_check.scan import ScanPlan, example_of
from eptura_scim.simulation.directory_check.summary import Example, FindingKey, Keys, Summary, first_of
from eptura_scim.simulation.directory_check.unique_keys import UniqueKey, unique_keys_of
from eptura_scim.simulation.directory_check.worklist import WorklistPart
from eptura_scim.types import KINDS, Kind

__all__ = [
    "Candidates",
    "Collision",
    "CollisionCandidate",
    "Collisions",
    "Confirmation",
    "candidates",
    "collisions",
    "confirm_collisions",
]

_NAMED = 3


class CollisionCandidate(NamedTuple):
    """An object that may share a value, and why."""

    kind: Kind
    key: int
    """Number of the key among those of its kind."""
    fails: bool
    """Whether the object fails by itself."""


Candidates = Mapping[int, list[CollisionCandidate]]
"""By offset."""


@dataclass(slots=True)
class _Shared:
    """A value, and the objects with it among those that were read so far."""

    count: int
    able: array[int]
    """Offsets of those that do not fail by themselves."""
    examples: list[Example]
    """The first ones."""


@dataclass(slots=True)
class Confirmation:
    """The values that the candidates of a partition have, and who has them. Merges as summaries do."""

    values: dict[tuple[Kind, int, str], _Shared] = field(default_factory=dict)

    def add(self, candidate: CollisionCandidate, text: str, example: Example) -> None:
        """Take in one object. Offsets grow."""
        shared = self.values.setdefault((candidate.kind, candidate.key, text), _Shared(0, array("Q"), []))
        shared.count += 1
        if not candidate.fails:
            shared.able.append(example.offset)
        if len(shared.examples) < _NAMED:
            shared.examples.append(example)

    def merge(self, other: Confirmation) -> None:
        """Take in what was found in another partition."""
        for key, shared in other.values.items():
            known = self.values.get(key)
            if known is None:
                self.values[key] = shared
                continue
            known.count += shared.count
            known.able.extend(shared.able)
            known.examples = first_of((*known.examples, *shared.examples), _NAMED)


def candidates(summary: Summary, plan: ScanPlan) -> dict[int, Candidates]:
    """The objects to read again, by number of their partition: those whose hash another object has as well."""
    found: dict[int, dict[int, list[CollisionCandidate]]] = {}
    for kind in KINDS:
        partitions = {partition: keys for (partition, name), keys in summary.keys.items() if name == kind}
        for number in range(len(unique_keys_of(object_flow(plan.mappings, kind)))):
            twice = _twice(keys.hashes[number] for keys in partitions.values())
            if not twice:
                continue
            for partition, keys in partitions.items():
                for offset, fails in _with(keys, number, twice):
                    candidates_here = found.setdefault(partition, {}).setdefault(offset, [])
                    candidates_here.append(CollisionCandidate(kind, number, fails))
    return dict(found)


def _twice(arrays: Iterable[array[int]]) -> set[int]:
    """The hashes that occur more than once."""
    joined = array("Q")
    for hashes in arrays:
        joined.extend(hashes)
    ordered = sorted(joined)
    return {one for one, other in pairwise(ordered) if one == other and one}


def _with(keys: Keys, number: int, twice: set[int]) -> Iterable[tuple[int, bool]]:
    for packed, hashed in zip(keys.offsets, keys.hashes[number], strict=True):
        if hashed in twice:
            yield packed >> 1, bool(packed & 1)


def confirm_collisions(
    plan: ScanPlan, partition: int, candidates: Candidates, objects: Iterable[tuple[int, GraphObject]]
) -> Confirmation:
    """Compare the values of the candidates of a partition; `objects` gives them by offset, and may give others."""
    flows = {kind: object_flow(plan.mappings, kind) for kind in KINDS}
    keys: dict[Kind, list[UniqueKey]] = {kind: unique_keys_of(flow) for kind, flow in flows.items()}
    made = Confirmation()
    worklist = WorklistPart.of_candidates(plan.worklist, partition) if plan.worklist else None
    for offset, found in objects:
        for candidate in candidates.get(offset, ()):
            key = keys[candidate.kind][candidate.key]
            attributes = flows[candidate.kind].read(found)
            value = key.row.flow(attributes, plan.context).value
            example, text = example_of(found, offset, str(value)), key.text(value)
            made.add(candidate, text, example)
            if worklist is not None:
                worklist.add(FindingKey(key.code, candidate.kind, key.row.target), example, text)
    if worklist is not None:
        worklist.close()
    return made


class Collision(NamedTuple):
    """The values of one key that several objects share."""

    objects: int
    """How many share their value with another one."""
    values: int
    """How many values are shared."""
    examples: list[Example]
    """One for each of the first values: who has it."""


class Collisions(NamedTuple):
    """All shared values of a directory, and how many objects would be refused for them."""

    found: dict[FindingKey, Collision]
    refused: dict[Kind, int]
    """Objects that would be refused for this alone: all but the first of each value."""


def collisions(confirmation: Confirmation, plan: ScanPlan) -> Collisions:
    """Sum up the values of all candidates. One value with the hash of another is not a collision."""
    refused: dict[Kind, set[int]] = {"User": set(), "Group": set()}
    shared: dict[tuple[Kind, int], list[_Shared]] = {}
    for (kind, number, _text), seen in confirmation.values.items():
        if seen.count > 1:
            shared.setdefault((kind, number), []).append(seen)
    keys = {kind: unique_keys_of(object_flow(plan.mappings, kind)) for kind in refused}
    found = {}
    for (kind, number), values in sorted(shared.items()):
        key = keys[kind][number]
        values.sort(key=lambda seen: seen.examples[0].offset)
        found[FindingKey(key.code, kind, key.row.target)] = Collision(
            objects=sum(seen.count for seen in values),
            values=len(values),
            examples=[_example(seen) for seen in values[: plan.examples]],
        )
        if key.refused:
            for seen in values:
                refused[kind].update(sorted(seen.able)[1:])
    return Collisions(found, {kind: len(offsets) for kind, offsets in refused.items()})


def _example(seen: _Shared) -> Example:
    names = ", ".join(example.who for example in seen.examples)
    more = seen.count - len(seen.examples)
    ids = tuple(object_id for example in seen.examples for object_id in example.object_ids)
    first = seen.examples[0]
    return Example(first.offset, f"{names} and {more} more" if more else names, first.detail, ids)
