"""Faults on request: throttling, failures, cut connections, replication lag and stale reads.

Everything is counted, nothing is timed: the same requests always meet the same faults.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

__all__ = ["Fault", "FaultKind", "Faults"]

FaultKind = Literal["status", "reset", "truncate", "garble", "slow", "lag", "stale"]
"""What goes wrong; see `Fault.kind`."""

_CODES = {
    400: ("BadRequest", "Bad request."),
    401: ("InvalidAuthenticationToken", "Access token validation failure."),
    403: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    404: ("Request_ResourceNotFound", "Resource does not exist."),
    409: ("Conflict", "Another object is being changed at the same time."),
    412: ("PreconditionFailed", "A precondition failed."),
    429: ("TooManyRequests", "Too many requests."),
    500: ("InternalServerError", "An internal error has occurred."),
    502: ("BadGateway", "Bad gateway."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "The gateway timed out."),
}


class Fault(BaseModel):
    """Something that goes wrong with the requests that it matches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = "*"
    """HTTP method, or `*` for any."""
    path: str = ""
    """Regular expression that is searched in the path, version included and without the query."""
    user_agent: str = ""
    """Regular expression that is searched in the User-Agent: which client is meant. Not for `lag` and `stale`."""
    times: int = 1
    """How many requests meet it. For `lag` and `stale`: reads after each matching write."""
    after: int = 0
    """How many matching requests pass first."""
    kind: FaultKind = "status"
    """`status`: answered with `status`. `reset`: the connection is cut without an answer. `truncate`: cut in the
    middle of the answer's body. `garble`: a page of HTML instead of the answer, as from a proxy in between. `slow`:
    answered after `delay` seconds. `lag`: an object that a matching request creates is answered with 404 and left out
    of lists for `times` requests. `stale`: after a matching write, `times` reads of that resource show it as it was.
    `lag` and `stale` stay until they are cleared."""
    status: int = 503
    code: str | None = None
    """Graph's error code, when it is not the usual one of the status."""
    message: str | None = None
    retry_after: int | datetime | None = None
    """`Retry-After` header in seconds or, for a datetime (UTC), as an HTTP date."""
    applied: bool = False
    """Whether the request is carried out before it goes wrong: the answer is lost, the change is not. A truncated or
    garbled answer is always one to a request that was carried out."""
    delay: float = 0.0
    """Seconds that the answer, or its absence, takes; what is carried out is, before them, a slow request after them.
    Not for `lag` and `stale`."""

    @field_validator("path", "user_agent")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        return pattern

    @property
    def error(self) -> tuple[str, str]:
        """Graph's error code and message of a `status` fault."""
        code, message = _CODES.get(self.status, ("UnknownError", "An error has occurred."))
        return self.code or code, self.message or message

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a `status` fault."""
        if self.retry_after is None:
            return {}
        if isinstance(self.retry_after, datetime):
            return {"Retry-After": format_datetime(self.retry_after, usegmt=True)}
        return {"Retry-After": str(self.retry_after)}

    def matches(self, method: str, path: str, user_agent: str = "") -> bool:
        """Whether a request is meant."""
        return (
            self.method.upper() in {"*", method}
            and re.search(self.path, path) is not None
            and re.search(self.user_agent, user_agent) is not None
        )


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0
    met: int = 0

    @property
    def spent(self) -> bool:
        return self.fault.kind not in {"lag", "stale"} and self.met >= self.fault.times


class Faults:
    """The faults that are armed, in the order they were added; the first that matches is met."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []
        self._lagging: dict[str, int] = {}
        self._stale: dict[str, tuple[int, object]] = {}
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Arm faults."""
        with self._lock:
            self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Disarm all, and end lags and stale reads."""
        with self._lock:
            self._armed.clear()
            self._lagging.clear()
            self._stale.clear()

    def pending(self) -> list[Fault]:
        """The faults that will still be met; `lag` and `stale` until they are cleared."""
        with self._lock:
            return [armed.fault for armed in self._armed if not armed.spent]

    def take(self, method: str, path: str, user_agent: str = "") -> Fault | None:
        """The fault that this request meets; for the server side."""
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if fault.kind in {"lag", "stale"} or armed.spent:
                    continue
                if not fault.matches(method, path, user_agent):
                    continue
                armed.seen += 1
                if armed.seen > fault.after:
                    armed.met += 1
                    return fault
        return None

    def _after_write(self, kind: FaultKind, method: str, path: str) -> int:
        """Reads that a write spoils; for the server side."""
        with self._lock:
            found = 0
            for armed in self._armed:
                if armed.fault.kind == kind and armed.fault.matches(method, path):
                    armed.seen += 1
                    if armed.seen > armed.fault.after:
                        found = max(found, armed.fault.times)
            return found

    def created(self, method: str, path: str, resources: list[str]) -> None:
        """Note that a request created resources (paths without version); for the server side."""
        reads = self._after_write("lag", method, path)
        if reads:
            with self._lock:
                self._lagging.update(dict.fromkeys(resources, reads))

    def lags(self, resource: str) -> bool:
        """Whether a resource, or one that it is below, is not visible yet; counts the request."""
        with self._lock:
            for path, left in self._lagging.items():
                if resource == path or resource.startswith(f"{path}/"):
                    if left == 1:
                        del self._lagging[path]
                    else:
                        self._lagging[path] = left - 1
                    return True
        return False

    def wants_stale(self, method: str, path: str) -> int:
        """How many reads after this write are stale; for the server side."""
        return self._after_write("stale", method, path)

    def keep_stale(self, resource: str, reads: int, answer: object) -> None:
        """Keep the answer from before a write for the next reads; for the server side."""
        with self._lock:
            self._stale[resource] = (reads, answer)

    def stale(self, resource: str) -> object | None:
        """The answer from before the last write, if this read is to see it; counts the read."""
        with self._lock:
            if resource not in self._stale:
                return None
            left, answer = self._stale.pop(resource)
            if left > 1:
                self._stale[resource] = (left - 1, answer)
            return answer
