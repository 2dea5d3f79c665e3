"""The log of calls: what was asked of the local Entra, without any secret value."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.local_entra.synchronization.secret_keys import SENSITIVE_KEYS

__all__ = ["LIMIT", "Area", "Calls", "LoggedCall", "area_of", "masked"]

Area = Literal[
    "metadata",
    "login",
    "template",
    "application",
    "servicePrincipal",
    "job",
    "secrets",
    "schema",
    "credentials",
    "assignment",
    "people",
    "other",
]
"""The kind of resource that a call is about; `credentials` is validateCredentials, `assignment` an app role's."""

_SENSITIVE_NAME = re.compile(r"secret|token|password|assertion|authorization", re.IGNORECASE)
_HARMLESS_NAME = frozenset({"token_type", "Oauth2TokenExchangeUri", "TokenExpiration"})
_NOT_A_WRITE = frozenset({"validateCredentials", "parseExpression", "discover", "acquireAccessToken", "token"})
_BODIES_OF = frozenset(
    {"login", "template", "application", "servicePrincipal", "job", "secrets", "credentials", "assignment"}
)
LIMIT = 10_000
"""How many calls the log holds; older ones are dropped."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One request and how it was answered."""

    number: int
    """Counts from 1; survives `clear()`."""
    method: str
    path: str
    """Path with its version, without the query."""
    query: str
    """Query, decoded."""
    status: int
    """HTTP status; 0 when the connection was cut before an answer."""
    request_id: str
    """`request-id` of the answer."""
    user_agent: str
    area: Area
    body: Any = None
    """JSON of the request with secret values masked; kept for all but schemas, which are large."""
    fault: str | None = None
    """Kind of the fault that changed the answer."""

    @property
    def action(self) -> str:
        """Last segment of the path: `start`, `schema`, `secrets`, an id …"""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def is_write(self) -> bool:
        """Whether the request asks for a change, successful or not; tests of credentials and logins do not."""
        return self.method in {"PUT", "PATCH", "POST", "DELETE"} and self.action not in _NOT_A_WRITE

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{query} -> {self.status or 'cut'}"


class Calls:
    """The calls so far, oldest first; the last 10,000 are kept."""

    def __init__(self) -> None:
        self._calls: deque[LoggedCall] = deque(maxlen=LIMIT)
        self._lock = threading.Lock()
        self._number = 0

    def __iter__(self) -> Iterator[LoggedCall]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)

    def reads(self) -> list[LoggedCall]:
        """The calls to Graph that ask for no change, logins and cloud metadata left out."""
        return [call for call in self if not call.is_write and call.area not in {"login", "metadata"}]

    def writes(self) -> list[LoggedCall]:
        """The calls that ask for a change: PUT, PATCH, DELETE and POST of what is created, started or paused."""
        return [call for call in self if call.is_write]

    def logins(self) -> list[LoggedCall]:
        """The requests for an access token."""
        return [call for call in self if call.area == "login" and call.method == "POST"]

    def of(self, area: Area, method: str | None = None) -> list[LoggedCall]:
        """The calls about one kind of resource."""
        return [call for call in self if call.area == area and method in {None, call.method}]

    def clear(self) -> None:
        """Forget the calls so far."""
        with self._lock:
            self._calls.clear()

    def record(
        self,
        *,
        method: str,
        path: str,
        query: str,
        status: int,
        request_id: str,
        user_agent: str,
        body: bytes,
        fault: str | None,
        canonical: str = "",
    ) -> None:
        """Add a call; for the server side. `canonical` is the path as the routes are written."""
        area = area_of(canonical or path)
        with self._lock:
            self._number += 1
            self._calls.append(
                LoggedCall(
                    number=self._number,
                    method=method,
                    path=path,
                    query=query,
                    status=status,
                    request_id=request_id,
                    user_agent=user_agent,
                    area=area,
                    body=_readable(body) if area in _BODIES_OF else None,
                    fault=fault,
                )
            )


def area_of(path: str) -> Area:
    """The kind of resource that a path names."""
    parts = path.strip("/").split("/")
    last = parts[-1].partition("(")[0]
    areas: list[tuple[bool, Area]] = [
        (parts[0] == "metadata", "metadata"),
        (parts[0] not in {"v1.0", "beta"}, "login"),
        (last == "validateCredentials", "credentials"),
        ("schema" in parts, "schema"),
        ("secrets" in parts or last == "acquireAccessToken", "secrets"),
        ("jobs" in parts, "job"),
        ("appRoleAssignedTo" in parts or "appRoleAssignments" in parts, "assignment"),
        (len(parts) > 1 and parts[1] in {"users", "groups"}, "people"),
        ("templates" in parts or "applicationTemplates" in parts, "template"),
        (parts[1:2] == ["applications"], "application"),
        (len(parts) > 1 and parts[1].startswith("servicePrincipals"), "servicePrincipal"),
    ]
    return next((area for matches, area in areas if matches), "other")


def masked(value: Any) -> Any:
    """A JSON value with the values of secrets replaced by `*`."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) >= {"key", "value"} and _is_sensitive(str(value["key"])):
        return {**value, "value": "*"}
    return {key: "*" if _is_sensitive(key) and isinstance(item, str) else masked(item) for key, item in value.items()}


def _is_sensitive(name: str) -> bool:
    return name in SENSITIVE_KEYS or (name not in _HARMLESS_NAME and _SENSITIVE_NAME.search(name) is not None)


def _readable(body: bytes) -> Any:
    if not body:
        return None
    try:
        return masked(read_document(body))
    except ValueError:
        # Not JSON: the token endpoint's form. Anything else is not kept, it could hold anything.
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        return masked(form) if "grant_type" in form else None
