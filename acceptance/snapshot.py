"""What is there after a run, as a text that is the same whenever it means the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

from eptura_scim.graph.ids import UUID
from eptura_scim.graph.secrets import MANAGED_KEYS
from eptura_scim.local_entra.directory.principal_state import PeopleState
from eptura_scim.local_entra.storage.event_log import Journal

__all__ = ["applications", "copies", "cut", "differences", "locks", "pending", "snapshot"]

# Of a job, of an assignment, of anything else.
_ID = re.compile(rf"\bscim\.[0-9a-f]{{32}}\.{UUID}|(?<=appRoleAssignedTo/)[\w-]+|{UUID}")
_TIMES = frozenset({"created", "createdDateTime", "discoveryDateTime", "version", "time"})
_OURS = "eptura-scim:"


def snapshot(entra: Path, home: Path, jobs: Set[str] = frozenset(), *, restarted: bool = False) -> str:
    """The live applications and the stack's resources, ids replaced by numbers in the order of their appearance.

    `jobs` are the ids of the jobs that were there before: a new job needs no restart. It counts
    as `restarted`, as is wanted of those.
    """
    live = applications(entra)
    for job in (job for application in live for job in application["jobs"] if jobs and job["id"] not in jobs):
        job["restarted"] = restarted
    found = {"live": live, "stack": _stack(home)}
    numbers: dict[str, str] = {}
    text = json.dumps(found, indent=1, sort_keys=True)
    return _ID.sub(lambda found: numbers.setdefault(found[0], f"id-{len(numbers) + 1}"), text)


def applications(entra: Path) -> list[dict[str, Any]]:
    """What the local Entra holds of each application, oldest first: names, settings, assignments, jobs and mappings.

    What is in the recycle bin is left out.
    """
    secrets = _json(entra / "secrets.json").get("synchronization", {})
    people = PeopleState()
    Journal(entra / "people.jsonl").replay(people.apply)
    records = sorted((_json(path) for path in (entra / "apps").glob("*.json")), key=lambda record: record["created"])
    return [_application(record, secrets, people) for record in records if not _is_deleted(record["application"])]


def differences(wanted: str, came: str) -> list[str]:
    """The lines of two snapshots that differ, with a sign."""
    import difflib

    lines = difflib.unified_diff(wanted.splitlines(), came.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def locks(home: Path) -> list[Path]:
    """The locks that engines left on the stack."""
    return list((home / "state" / ".pulumi" / "locks").rglob("*.json"))


def pending(home: Path) -> bool:
    """Whether the stack remembers operations that were cut."""
    return bool(_latest(home).get("pending_operations"))


def _application(record: dict[str, Any], secrets: dict[str, Any], people: PeopleState) -> dict[str, Any]:
    principal = record["service_principal"]
    if principal and _is_deleted(principal):
        principal = None
    saved = secrets.get(principal["id"], {}) if principal else {}
    return {
        "application": _timeless(record["application"]),
        "servicePrincipal": _principal(_timeless(principal)),
        "assigned": sorted(made.principal for made in people.assigned(principal["id"])) if principal else [],
        "jobs": [
            {
                "id": job["id"],
                "template": job["template_id"],
                "state": job["schedule_state"],
                "schema": _timeless(job["schema_document"]),
                "restarted": bool(job["restarts"]),
            }
            for job in sorted(record["jobs"].values(), key=lambda job: str(job["created"]))
        ],
        "connection": {name: saved[name] for name in MANAGED_KEYS if name in saved},
    }


def _principal(principal: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a service principal says: what is empty is as if it were not there, and tags have no order."""
    if principal is None:
        return None
    said = {name: value for name, value in principal.items() if value not in (None, [], "")}
    return {**said, "tags": sorted(said.get("tags", []))}


def _is_deleted(thing: dict[str, Any]) -> bool:
    return thing.get("deletedDateTime") is not None


def _stack(home: Path) -> dict[str, Any]:
    latest = _latest(home)
    return {
        "resources": sorted(_resources(latest), key=lambda resource: str(resource["urn"])),
        "pending": [
            {"type": operation["type"], "urn": operation["resource"]["urn"]}
            for operation in latest.get("pending_operations") or []
        ],
    }


def cut(home: Path) -> Path | None:
    """The stack's file where an engine left it empty or cut: killed, or on a full disk."""
    return next((file for file in _checkpoints(home) if not _is_whole(file)), None)


def copies(state: Path) -> list[Path]:
    """The whole copies of a stack's file that the engine keeps, latest first: the backup, then the history."""
    history = state.parents[2] / "history" / state.parent.name / state.stem
    kept = sorted(history.glob("*.checkpoint.json"), reverse=True)
    return [copy for copy in (state.with_suffix(".json.bak"), *kept) if copy.exists() and _is_whole(copy)]


def _latest(home: Path) -> dict[str, Any]:
    for checkpoint in filter(_is_whole, _checkpoints(home)):
        return _json(checkpoint)["checkpoint"].get("latest") or {}
    return {}


def _checkpoints(home: Path) -> list[Path]:
    return list((home / "state" / ".pulumi" / "stacks").rglob("*.json"))


def _is_whole(checkpoint: Path) -> bool:
    try:
        _json(checkpoint)
    except ValueError:
        return False
    return True


def _resources(latest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in latest.get("resources") or []:
        if resource["type"].startswith("pulumi:"):
            continue
        # What azuread keeps beside the ids is read again by each run, and differs with the moment of its reading.
        inputs = resource.get("inputs") if resource["type"].startswith(_OURS) else None
        yield {"urn": resource["urn"], "id": resource.get("id"), "inputs": inputs}


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        if rows := value.get("attributeMappings"):  # in any order they mean the same
            value = {**value, "attributeMappings": sorted(rows, key=lambda row: str(row.get("targetAttributeName")))}
        return {key: _timeless(item) for key, item in value.items() if key not in _TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def _json(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
