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
from typing import Any, Literal

from pydantic import ConfigDict, Field

from eptura_scim.graph.job_status import Moment
from eptura_scim.graph.reply import Reply

__all__ = [
    "MEMBERS_AT_ONCE",
    "ModifiedProperty",
    "OnDemandResult",
    "ProvisioningStep",
    "RateLimit",
    "RequestOutcome",
    "parse_answer",
]

MEMBERS_AT_ONCE = 5
"""How many members of a group one request takes."""

RequestOutcome = Literal["provisioned", "nothingToDo", "skipped", "failed"]
"""What came of a request."""

_NOTHING_TO_DO = "RedundantExport"  # source and target match already
_RANKS = {"success": 0, "warning": 1, "skipped": 2, "failure": 3}


class _OnDemandPart(Reply):
    """A part of the answer; a number where Microsoft documents a text is read as one."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class ProvisioningStep(_OnDemandPart):
    """One step of the provisioning: Import, Scoping, Matching, Export, …"""

    name: str = ""
    type: str = ""
    status: str = ""
    description: str | None = None
    timestamp: Moment = None
    details: dict[str, Any] = Field(default_factory=dict)


class ModifiedProperty(_OnDemandPart):
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
    steps: tuple[ProvisioningStep, ...]
    changes: tuple[ModifiedProperty, ...]
    unread: tuple[str, ...] = ()
    """Places in the answer that are not as documented: `value[0].provisioningSteps[1]`."""

    @property
    def outcome(self) -> RequestOutcome:
        """What came of it. Any answer that is not known to be good is a failure."""
        match self.result.lower():
            case "success" | "warning":
                return "provisioned"
            case "skipped":
                return "nothingToDo" if self.error_code == _NOTHING_TO_DO else "skipped"
        return "failed"


class _StatusInfo(_OnDemandPart):
    status: str | None = None
    error_code: str | None = None
    reason: str | None = None
    recommended_action: str | None = None


class _Identity(_OnDemandPart):
    id: str | None = None


class _Entry(_OnDemandPart):
    """One element of the answer's `value`."""

    action: str | None = None
    status_info: _StatusInfo | None = None
    target_identity: _Identity | None = None
    provisioning_steps: tuple[ProvisioningStep, ...] = ()
    modified_properties: tuple[ModifiedProperty, ...] = ()


class _Details(_OnDemandPart):
    error_code: str | None = None
    error_message: str | None = None


class _Verdict(_OnDemandPart):
    """The answer's `key`, where it is JSON."""

    result: str = ""
    details: _Details = _Details()


class _OnDemandAnswer(_OnDemandPart):
    """The whole answer, without its texts of JSON inside JSON."""

    key: _Verdict = _Verdict()
    value: tuple[_Entry, ...] = ()


def parse_answer(answer: Any) -> OnDemandResult:
    """The result in an answer: `key` is JSON with a result, or the name of a type; `value` is JSON, one or a list.

    The request was carried out, so no answer is an error: what is not as documented is named in `unread`.
    """
    read, unread = _OnDemandAnswer.readable(_unpacked(answer) if isinstance(answer, dict) else answer)
    details, entries = read.key.details, read.value
    steps = tuple(step for entry in entries for step in entry.provisioning_steps)
    infos = [entry.status_info for entry in entries if entry.status_info]
    result = read.key.result or _worst([info.status for info in infos]) or _by_steps(steps)
    blamed = next((info for info in infos if info.status == result), _StatusInfo())
    bad = next((step for step in reversed(steps) if step.status.lower() not in {"success", ""}), ProvisioningStep())
    return OnDemandResult(
        result=result,
        error_code=details.error_code or blamed.error_code or _code(bad),
        reason=blamed.reason or details.error_message or bad.description,
        recommended_action=blamed.recommended_action,
        action=next((entry.action for entry in entries if entry.action), None),
        target_id=next((entry.target_identity.id for entry in entries if entry.target_identity), None),
        steps=steps,
        changes=tuple(change for entry in entries for change in entry.modified_properties),
        unread=unread,
    )


class RateLimit:
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


def _unpacked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its texts of JSON read. A key that is not JSON is the name of a type."""
    key, value = _loaded(answer.get("key")), _loaded(answer.get("value"))
    verdict = {"key": key} if isinstance(key, dict) else {}
    entries = value if isinstance(value, list) else [] if value in (None, "", {}) else [value]
    return {**verdict, "value": entries}


def _loaded(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _worst(results: list[str | None]) -> str:
    known = [result for result in results if result]
    return max(known, key=lambda result: _RANKS.get(result.lower(), len(_RANKS)), default="")


def _by_steps(steps: tuple[ProvisioningStep, ...]) -> str:
    """An answer without a verdict: a step that failed, else what came of the last one."""
    failed = next((step.status for step in steps if step.status.lower() == "failure"), "")
    return failed or (steps[-1].status if steps else "")


def _code(step: ProvisioningStep) -> str | None:
    code = step.details.get("SkipReason") or step.details.get("ErrorCode")
    return str(code) if code else None
