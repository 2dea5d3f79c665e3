"""What provisioning remembers of a job between cycles: which account at the target belongs to which object,
what failed, and how far it read.

Source: Microsoft, "How application provisioning works" (the service caches the target's id of every object it created
or matched, stores a watermark, retries errors) and "Application provisioning in quarantine status" (when it retries).
Graph calls the parts ConnectorDataStore, Watermark and Escrows (enumeration synchronizationJobRestartScope).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from eptura_scim.local_entra.storage.event_log import Journal
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json, Kind

__all__ = ["GIVE_UP", "CycleState", "CycleStates", "Escrow", "Link", "retry_at"]


GIVE_UP = timedelta(days=28)
"""How long a failure is retried, and a quarantined job tried again."""

_FIRST_RETRIES = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24))
_SLACK = 1000  # superfluous lines of the journal that are not worth rewriting it


def retry_at(first: datetime, attempts: int, now: datetime) -> datetime:
    """When to try again what first failed at `first` and has failed `attempts` times: after 6, 12, 24, 48, 72 … hours.

    Times that have passed are left out. Source: "Application provisioning in quarantine status", Retry duration.
    """
    while (moment := first + _after(attempts)) <= now:
        attempts += 1
    return moment


def _after(attempts: int) -> timedelta:
    if attempts <= len(_FIRST_RETRIES):
        return _FIRST_RETRIES[attempts - 1]
    return timedelta(days=attempts - len(_FIRST_RETRIES) + 1)


@dataclass(frozen=True, slots=True)
class Link:
    """An object of the directory and its counterpart in the target."""

    kind: Kind
    target: str
    """Its id in the target."""
    in_scope: bool = True
    """Whether it was in scope when it was last exported; else it is disabled there."""
    managed: bool = True
    """False after it left the scope: its changes in the directory are not sent any more."""
    deleted: bool = False
    """Whether it was deleted in the target. It still counts: "the operation doesn't remove the object"."""
    members: dict[str, str | None] = field(default_factory=dict)
    """Of a group: each member that was seen, with its id in the target; None for one that was not there to be added."""


@dataclass(frozen=True, slots=True)
class Escrow:
    """A failure that will be retried."""

    kind: Kind
    source: str
    code: str
    message: str
    first: datetime
    attempts: int
    next: datetime
    reference: bool = False
    """Whether the object itself is there, and its members failed."""

    @property
    def key(self) -> str:
        """What it is found by."""
        return f"{self.source}#members" if self.reference else self.source


class CycleState:
    """The state of one job, kept line by line while a cycle runs: a crash loses no link."""

    def __init__(self, journal: Journal) -> None:
        self.watermark: int | None = None
        """What the directory is asked for changes since; None before the first cycle and after a restart."""
        self.links: dict[str, Link] = {}
        self.escrows: dict[str, Escrow] = {}
        self._journal = journal
        lines = journal.replay(self._apply)
        if lines > 2 * (len(self.links) + len(self.escrows)) + _SLACK:
            journal.rewrite(self._snapshot())

    def link(self, source: str) -> Link | None:
        """The counterpart of an object, unless it was deleted."""
        found = self.links.get(source)
        return None if found is None or found.deleted else found

    def escrowed(self, source: str, *, reference: bool = False) -> Escrow | None:
        """The failure of an object."""
        return self.escrows.get(f"{source}#members" if reference else source)

    def count(self, kind: Kind) -> int:
        """How many objects of a kind have ever been in the scope, since the links were reset."""
        return sum(link.kind == kind for link in self.links.values())

    def put_link(self, source: str, link: Link) -> None:
        """Remember a counterpart."""
        if self.links.get(source) != link:
            self._keep({"link": source, "is": asdict(link)})

    def forget_link(self, source: str) -> None:
        """Forget the counterpart of one object, and that it failed: it is matched again."""
        if source in self.links:
            self._keep({"unlink": source})
        self.settle(source)

    def see_members(self, group: str, added: dict[str, str | None], removed: Collection[str]) -> None:
        """Remember members of a group."""
        if added or removed:
            self._keep({"members": group, "add": added, "remove": list(removed)})

    def put_escrow(self, escrow: Escrow) -> None:
        """Remember a failure."""
        kept = {**asdict(escrow), "first": escrow.first.isoformat(), "next": escrow.next.isoformat()}
        self._keep({"escrow": kept})

    def settle(self, key: str) -> None:
        """Forget a failure."""
        if key in self.escrows:
            self._keep({"settle": key})

    def mark(self, watermark: int) -> None:
        """Store the watermark."""
        if self.watermark != watermark:
            self._keep({"watermark": watermark})

    def reset(self, *, links: bool = False, escrows: bool = False, watermark: bool = False) -> None:
        """Forget parts of it."""
        names = [name for name, wanted in (("links", links), ("escrows", escrows), ("watermark", watermark)) if wanted]
        if names:
            self._keep({"reset": names})

    def forget(self) -> None:
        """Forget everything: the job was deleted."""
        self._apply({"reset": ["links", "escrows", "watermark"]})
        self._journal.rewrite(())

    def _keep(self, event: Json) -> None:
        self._journal.append([event])
        self._apply(event)

    def _apply(self, event: Json) -> None:
        match event:
            case {"link": str(source), "is": dict(values)}:
                self.links[source] = Link(**values)
            case {"unlink": str(source)}:
                self.links.pop(source, None)
            case {"members": str(group), "add": dict(added), "remove": list(removed)}:
                link = self.links[group]
                kept = {source: target for source, target in link.members.items() if source not in set(removed)}
                self.links[group] = replace(link, members={**kept, **added})
            case {"escrow": dict(values)}:
                escrow = _escrow(values)
                self.escrows[escrow.key] = escrow
            case {"settle": str(key)}:
                self.escrows.pop(key, None)
            case {"watermark": int(number)}:
                self.watermark = number
            case {"reset": list(names)}:
                if "links" in names:
                    self.links.clear()
                if "escrows" in names:
                    self.escrows.clear()
                if "watermark" in names:
                    self.watermark = None
            case _:
                raise ValueError("not an event")

    def _snapshot(self) -> Iterator[Json]:
        for source, link in self.links.items():
            yield {"link": source, "is": asdict(link)}
        for escrow in self.escrows.values():
            yield {"escrow": {**asdict(escrow), "first": escrow.first.isoformat(), "next": escrow.next.isoformat()}}
        if self.watermark is not None:
            yield {"watermark": self.watermark}


class CycleStates:
    """The states of all jobs; read when first asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[str, CycleState] = {}

    def of(self, job_id: str) -> CycleState:
        """The state of a job. Raises StateCorruptError, StateError."""
        if job_id not in self._states:
            self._states[job_id] = CycleState(Journal(self._store.file(f"cycles-{job_id}.jsonl")))
        return self._states[job_id]

    def forget(self, job_id: str) -> None:
        """Forget a job that was deleted."""
        self.of(job_id).forget()
        del self._states[job_id]


def _escrow(values: dict[str, Any]) -> Escrow:
    times = {name: datetime.fromisoformat(values[name]) for name in ("first", "next")}
    return Escrow(**{**values, **times})
