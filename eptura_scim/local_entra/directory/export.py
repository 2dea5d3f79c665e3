"""Users and groups from a file: newline-delimited JSON as Graph shows them, one object a line.

A group's members may stand in it as `members`, a list of objects with an `id` or of ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from eptura_scim.local_entra.directory.principal_models import PrincipalKind, new_group, new_user, without_defaults
from eptura_scim.local_entra.errors import ImportFailedError, ODataError
from eptura_scim.types import Json

__all__ = ["check_export", "read_export"]

_TYPES: dict[str, PrincipalKind] = {"#microsoft.graph.user": "user", "#microsoft.graph.group": "group"}


def read_export(path: Path, now: datetime) -> Iterator[Json]:
    """The file as events, without numbers: first all users and groups, then all members.

    Properties that are not modelled are left out. Raises ImportFailedError, which names the line.
    """
    members: list[Json] = []
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            event, inside = _event(json.loads(line), now)
        except (ValueError, TypeError, ODataError) as error:
            raise ImportFailedError(
                f"{path}, line {number}: {error}; one user or group of Microsoft Graph is expected a line"
            ) from None
        yield event
        if inside:
            members.append({"group": event["object"]["id"], "add": inside})
    yield from members


def check_export(file: Path, events: list[Json], names: Mapping[str, str], known: set[str]) -> None:
    """Raise ImportFailedError for events that do not fit to each other or to the directory.

    `names` are the ids of its users by userPrincipalName in small letters, `known` the ids that it has or had.
    """
    names, known = dict(names), set(known)
    for event in events:
        if "put" in event:
            entry = event["object"]
            known.add(entry["id"])
            if event["put"] == "user" and "deletedDateTime" not in entry:
                name = entry["userPrincipalName"]
                if names.setdefault(name.lower(), entry["id"]) != entry["id"]:
                    raise ImportFailedError(f"{file}: two users have the userPrincipalName {name}")
        elif unknown := set(event["add"]) - known:
            raise ImportFailedError(f"{file}: {min(unknown)}, a member of the group {event['group']}, is not in it")


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from file
    except OSError as error:
        raise ImportFailedError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ImportFailedError(f"{path} is not UTF-8 text") from error


def _event(document: Any, now: datetime) -> tuple[Json, list[str]]:
    if not isinstance(document, dict):
        raise TypeError("not a JSON object")
    kind = _TYPES.get(document.get("@odata.type", "")) or ("user" if "userPrincipalName" in document else "group")
    members = [_member(item) for item in document.get("members") or []]
    make = new_user if kind == "user" else new_group
    return {"put": kind, "object": without_defaults(kind, make(document, now, only_known=True))}, members


def _member(item: Any) -> str:
    identifier = item.get("id") if isinstance(item, dict) else item
    if not isinstance(identifier, str):
        raise TypeError("a member has no id")
    return identifier
