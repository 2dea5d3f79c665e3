"""The steps of an operation: the kinds of calls that it makes, found in the log of a run without faults."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from eptura_scim.graph.ids import UUID
from eptura_scim.local_entra import LoggedCall

__all__ = ["AGENTS", "FaultStep", "Plugin", "step_of", "steps_of", "without_ids"]

Plugin = Literal["eptura-scim", "azuread"]

AGENTS: dict[Plugin, str] = {
    # azure-core adds Python's and aiohttp's versions to ours; azure-identity logs in for us with a client of its own.
    "eptura-scim": "eptura-scim|azsdk-python|aiohttp",
    "azuread": "python-httpx",
}
"""How each plugin is told from its User-Agent; azuread is its stand-in."""

_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_AREAS = (
    "metadata", "login", "template", "application", "servicePrincipal", "assignment", "people", "job", "secrets",
    "credentials", "schema",
)  # fmt: skip
_NAMES = (
    (re.compile(rf"/{UUID}/oauth2"), "/{tenant}/oauth2"),
    (re.compile(rf"/applications/{UUID}"), "/applications/{application}"),
    (re.compile(rf"/applicationTemplates/{UUID}"), "/applicationTemplates/{template}"),
    (re.compile(rf"/servicePrincipals/{UUID}"), "/servicePrincipals/{principal}"),
    (re.compile(r"/appRoleAssignedTo/[\w-]+"), "/appRoleAssignedTo/{assignment}"),
    (re.compile(r"/synchronization/jobs/[^/\s:]+"), "/synchronization/jobs/{job}"),
    (re.compile(rf"/{UUID}"), "/{id}"),
)


@dataclass(frozen=True)
class FaultStep:
    """One kind of call."""

    plugin: Plugin
    method: str
    path: str
    """The path with its version, ids replaced by their kind in braces."""
    area: str
    is_write: bool
    creates: bool = field(default=False, compare=False)
    """Whether the call makes an object that others then have to find."""

    @property
    def is_graph(self) -> bool:
        """Whether Graph is asked: not the login, not the cloud's metadata."""
        return self.area not in {"metadata", "login"}

    @property
    def label(self) -> str:
        """How the table names it."""
        path = self.path.removeprefix("/v1.0").replace("/servicePrincipals/{principal}/synchronization", "…")
        return f"{self.plugin} {self.method} {path}"

    @property
    def pattern(self) -> str:
        """Regular expression for the paths of these calls, for `Fault.path`."""
        return "^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.path)) + "$"

    @property
    def where(self) -> dict[str, Any]:
        """What a fault needs to meet these calls and no others."""
        return {"method": self.method, "path": self.pattern, "user_agent": AGENTS[self.plugin]}


def step_of(call: LoggedCall) -> FaultStep:
    """The kind that a call is of."""
    path = without_ids(call.path.rstrip("/"))
    plugin: Plugin = "azuread" if re.search(AGENTS["azuread"], call.user_agent) else "eptura-scim"
    return FaultStep(plugin, call.method, path, call.area, call.is_write, creates=call.status == 201)


def steps_of(calls: Iterable[LoggedCall]) -> list[FaultStep]:
    """The steps of a run, each once. The order says nothing about the run: reads happen at the same time."""
    return sorted({step_of(call) for call in calls}, key=_rank)


def without_ids(text: str) -> str:
    """A path, or a text with paths, with their ids replaced by kinds in braces."""
    for pattern, name in _NAMES:
        text = pattern.sub(name, text)
    return text


def _rank(step: FaultStep) -> tuple[Any, ...]:
    area = _AREAS.index(step.area) if step.area in _AREAS else len(_AREAS)
    path = step.path.removeprefix("/v1.0").removeprefix("/beta")
    return step.plugin, area, path, step.path, _METHODS.index(step.method)
