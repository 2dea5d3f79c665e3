"""Provision on demand: what Graph answers, and how often it may be asked.

Source: Microsoft Graph v1.0, synchronizationJob: provisionOnDemand; Microsoft, "Configure cross-tenant synchronization"
(the other shape of the answer), "On-demand provisioning in Microsoft Entra ID" (steps, limits).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.job_status import Moment
from eptura_scim.graph.reply import Reply

__all__ = ["MEMBERS_AT_ONCE", "Change", "OnDemandResult", "Outcome", "Pace", "Step", "parse_answer"]

MEMBERS_AT_ONCE = 5
"""How many members of a group one request takes."""

Outcome = Literal["provisioned", "nothingToDo", "skipped", "failed"]
"""What came of a request."""

_NOTHING_TO_DO = "RedundantExport"  # source and target match already
_RANKS = {"success": 0, "warning": 1, "skipped": 2, "failure": 3}


class Step(Reply):
    """One step of the provisioning: Import, Scoping, Matching, Export, …"""

    name: str = ""
    type: str = ""
    status: str = ""
    description: str | None = None
    timestamp: Moment = None
    details: Annotated[dict[str, Any], BeforeValidator(lambda value: value or {})] = Field(default_factory=dict)


class Change(Reply):
    """An attribute that was sent. Of a skipped object Graph lists what was imported instead."""

    display_name: str = ""
    old_value: Any = None
    new_value: Any = None


@dataclass(frozen=True)
class OnDemandResult:
    """The answer to one request, whatever its shape."""

    result: str
    """Success, Warning, Skipped or Failure; empty where the answer has none."""
    error_code: str | None
    reason: str | None
    recommended_action: str | None
    action: str | None
    target_id: str | None
    """Its id at the target."""
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]

    @property
    def outcome(self) -> Outcome:
        """What came of it. Any answer that is not known to be good is a failure."""
        match self.result.lower():
            case "success" | "warning":
                return "provisioned"
            case "skipped":
                return "nothingToDo" if self.error_code == _NOTHING_TO_DO else "skipped"
        return "failed"


class _StatusInfo(Reply):
    status: str | None = None
    error_code: str | None = None
    reason: str | None = None
    recommended_action: str | None = None


class _Identity(Reply):
    id: str | None = None


class _Entry(Reply):
    """One element of the answer's `value`."""

    action: str | None = None
    status_info: _StatusInfo | None = None
    target_identity: _Identity | None = None
    provisioning_steps: Annotated[tuple[Step, ...], BeforeValidator(lambda value: value or ())] = ()
    modified_properties: Annotated[tuple[Change, ...], BeforeValidator(lambda value: value or ())] = ()


class _Details(Reply):
    error_code: str | None = None
    error_message: str | None = None


class _Verdict(Reply):
    """The answer's `key`, where it is JSON."""

    result: str = ""
    details: Annotated[_Details, BeforeValidator(lambda value: value if isinstance(value, dict) else {})] = _Details()


class _Answer(Reply):
    """The whole answer; both parts are texts of JSON inside JSON."""

    key: Annotated[_Verdict, BeforeValidator(lambda value: _object(_loaded(value)))] = _Verdict()
    value: Annotated[tuple[_Entry, ...], BeforeValidator(lambda value: _list(_loaded(value)))]


def parse_answer(answer: Any) -> OnDemandResult:
    """The result in an answer: `key` is JSON with a result, or the name of a type; `value` is JSON, one or a list.

    Raises ReplyError for an answer that is neither.
    """
    if not isinstance(answer, dict) or "value" not in answer:
        raise ReplyError("Graph's answer to provisionOnDemand has no value")
    try:
        read = _Answer.model_validate(answer)
    except ValidationError as error:
        raise ReplyError(
            f"Graph's answer to provisionOnDemand is not as documented: {error.errors()[0]['msg']}"
        ) from error
    details, entries = read.key.details, read.value
    steps = tuple(step for entry in entries for step in entry.provisioning_steps)
    infos = [entry.status_info for entry in entries if entry.status_info]
    result = read.key.result or _worst([info.status for info in infos]) or _by_steps(steps)
    blamed = next((info for info in infos if info.status == result), _StatusInfo())
    bad = next((step for step in reversed(steps) if step.status.lower() not in {"success", ""}), Step())
    return OnDemandResult(
        result=result,
        error_code=details.error_code or blamed.error_code or _code(bad),
        reason=blamed.reason or details.error_message or bad.description,
        recommended_action=blamed.recommended_action,
        action=next((entry.action for entry in entries if entry.action), None),
        target_id=next((entry.target_identity.id for entry in entries if entry.target_identity), None),
        steps=steps,
        changes=tuple(change for entry in entries for change in entry.modified_properties),
    )


class Pace:
    """Lets no more requests through than Microsoft documents; clock and sleep are replaceable."""

    def __init__(
        self,
        requests: int = 5,
        seconds: float = 10,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._past: deque[float] = deque(maxlen=requests)

    async def turn(self) -> None:
        """Wait until one more request is allowed."""
        if len(self._past) == self._past.maxlen:
            wait = self._past[0] + self._seconds - self._clock()
            if wait > 0:
                await self._sleep(wait)
        self._past.append(self._clock())


def _loaded(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Any:
    return value if isinstance(value, list) else [value] if value else []


def _worst(results: list[str | None]) -> str:
    known = [result for result in results if result]
    return max(known, key=lambda result: _RANKS.get(result.lower(), len(_RANKS)), default="")


def _by_steps(steps: tuple[Step, ...]) -> str:
    """An answer without a verdict: a step that failed, else what came of the last one."""
    failed = next((step.status for step in steps if step.status.lower() == "failure"), "")
    return failed or (steps[-1].status if steps else "")


def _code(step: Step) -> str | None:
    code = step.details.get("SkipReason") or step.details.get("ErrorCode")
    return str(code) if code else None
