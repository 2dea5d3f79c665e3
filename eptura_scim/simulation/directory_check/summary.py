"""What a partition of a directory adds up to. Summaries merge into that of the whole, however it was partitioned.

Nothing in a summary depends on how objects were shared out: counts are sums, examples are those with the lowest
offsets, and keys stay with the partition that they come from until they are compared.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from eptura_scim.simulation.directory_check.finding_codes import Code
from eptura_scim.simulation.directory_check.phone_forms import PhoneForm
from eptura_scim.types import Kind

__all__ = [
    "Example",
    "FindingKey",
    "Keys",
    "PhoneKey",
    "PhoneSeen",
    "SourceGaps",
    "Summary",
    "Totals",
    "first_of",
    "merge_summaries",
]


class FindingKey(NamedTuple):
    """What a finding is about."""

    code: Code
    kind: Kind
    attribute: str = ""
    """The target attribute, where there is one."""


class Example(NamedTuple):
    """An object that a finding was made at."""

    offset: int
    """Where it stands in the source: number of the file, then of the line or row; `Export.location` reads it."""
    who: str
    detail: str = ""
    object_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class SourceGaps:
    """What a source lacks, known before its objects are read."""

    absent: Mapping[Kind, frozenset[str]] = field(default_factory=dict)
    """Properties of Graph that the mappings need and no file has."""
    passed_over: tuple[Example, ...] = ()
    """Files that are not exports, each with the reason."""
    doubled: tuple[tuple[Kind, str, Example], ...] = ()
    """Properties that two columns of a file hold."""


class PhoneKey(NamedTuple):
    """A way of writing a telephone number, and what is made of it."""

    attribute: str
    shape: str
    form: PhoneForm


class PhoneSeen(NamedTuple):
    """How often a number is written in one way, and the first example of it."""

    times: int
    offset: int
    number: str
    sent: str

    def merged(self, other: PhoneSeen) -> PhoneSeen:
        """Both counts together, with the earlier of the two examples."""
        first = min(self, other, key=lambda seen: seen.offset)
        return first._replace(times=self.times + other.times)


@dataclass(slots=True)
class Keys:
    """Values that must differ, of the objects of one partition: 8 bytes of a hash for each, 0 for no value."""

    offsets: array[int] = field(default_factory=lambda: array("Q"))
    hashes: list[array[int]] = field(default_factory=list)
    """One array for each key of that kind of object (`unique_keys_of`), as long as `offsets`."""


@dataclass(slots=True)
class Totals:
    """How many objects of a kind."""

    seen: int = 0
    in_scope: int = 0
    failing: int = 0
    """In scope, and Entra or Eptura would refuse them, whatever others are like."""

    def add(self, other: Totals) -> None:
        """Count another partition's as well."""
        self.seen += other.seen
        self.in_scope += other.in_scope
        self.failing += other.failing


@dataclass(slots=True)
class Summary:
    """Counts, examples and keys of a partition of a directory."""

    most_examples: int
    totals: dict[Kind, Totals] = field(default_factory=lambda: {"User": Totals(), "Group": Totals()})
    counts: Counter[FindingKey] = field(default_factory=Counter)
    examples: dict[FindingKey, list[Example]] = field(default_factory=dict)
    """The first ones, in the order of the source."""
    phones: dict[PhoneKey, PhoneSeen] = field(default_factory=dict)
    keys: dict[tuple[int, Kind], Keys] = field(default_factory=dict)
    """By number of the partition, and kind of object."""
    pages: int = 0
    """Pages of Graph lists."""
    last_pages: int = 0
    """Those that have no next page."""

    def merge(self, other: Summary) -> None:
        """Take in the summary of another partition. The order of merging does not matter."""
        for kind, totals in other.totals.items():
            self.totals[kind].add(totals)
        self.counts.update(other.counts)
        for finding, examples in other.examples.items():
            self.examples[finding] = first_of((*self.examples.get(finding, ()), *examples), self.most_examples)
        for key, seen in other.phones.items():
            known = self.phones.get(key)
            self.phones[key] = seen if known is None else known.merged(seen)
        self.keys.update(other.keys)
        self.pages += other.pages
        self.last_pages += other.last_pages


def first_of(examples: Iterable[Example], most: int) -> list[Example]:
    """The first examples in the order of the source, `most` at most."""
    return sorted(examples)[:most]


def merge_summaries(summaries: Iterable[Summary], most_examples: int) -> Summary:
    """The summary of all partitions together."""
    whole = Summary(most_examples)
    for summary in summaries:
        whole.merge(summary)
    return whole
