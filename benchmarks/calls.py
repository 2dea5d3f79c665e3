"""Calls to Graph, counted by the plugin that made them and by what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from eptura_scim.local_entra import LoggedCall

__all__ = ["PLUGINS", "Traffic", "by_resource", "plugin_of", "traffic"]

Plugin = Literal["eptura-scim", "azuread"]
PLUGINS: tuple[Plugin, ...] = ("eptura-scim", "azuread")

# azure-core adds Python's and aiohttp's versions to ours; azure-identity logs in for us with a client of its own.
_OUR_AGENTS = ("eptura-scim", "azsdk-python", "aiohttp")

_RESOURCES: dict[Plugin, dict[str, str]] = {
    "eptura-scim": {
        "credentials": "SynchronizationSecrets",
        "secrets": "SynchronizationSecrets",
        "schema": "SynchronizationSchema",
        "job": "SynchronizationJob, SynchronizationJobState",
        "servicePrincipal": "EnterpriseApplicationName",
        "application": "EnterpriseApplicationName",
    },
    "azuread": {
        "template": "ApplicationFromTemplate",
        "application": "ApplicationFromTemplate",
        "servicePrincipal": "ServicePrincipal",
    },
}
_NOT_GRAPH = {"login": "login", "metadata": "login"}


@dataclass(frozen=True)
class Traffic:
    """How many calls of each kind."""

    reads: int = 0
    """GET of Graph."""
    tests: int = 0
    """What else changes nothing: validateCredentials."""
    writes: int = 0
    logins: int = 0

    def __str__(self) -> str:
        parts = {"read": self.reads, "test": self.tests, "write": self.writes, "login": self.logins}
        return ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for word, n in parts.items() if n)


def traffic(calls: Iterable[LoggedCall]) -> Traffic:
    """Count calls; requests for the cloud's metadata are not Graph calls and are left out."""
    counts = dict.fromkeys(("reads", "tests", "writes", "logins"), 0)
    for call in calls:
        if call.area == "metadata" or (call.area == "login" and call.method == "GET"):
            continue
        if call.area == "login":
            counts["logins"] += 1
        elif call.is_write:
            counts["writes"] += 1
        else:
            counts["reads" if call.method == "GET" else "tests"] += 1
    return Traffic(**counts)


def plugin_of(call: LoggedCall) -> Plugin:
    """The plugin that made a call, by its user agent."""
    return "eptura-scim" if any(agent in call.user_agent for agent in _OUR_AGENTS) else "azuread"


def by_resource(calls: Iterable[LoggedCall]) -> dict[tuple[Plugin, str], Traffic]:
    """The traffic of each plugin about each kind of resource; logins under `login`.

    What counts is what a call is about, not which resource makes it: SynchronizationSecrets asks whether a new job
    exists, and that is counted under the job.
    """
    groups: defaultdict[tuple[Plugin, str], list[LoggedCall]] = defaultdict(list)
    for call in calls:
        plugin = plugin_of(call)
        resource = {**_RESOURCES[plugin], **_NOT_GRAPH}.get(call.area, call.area)
        groups[plugin, resource].append(call)
    return {key: traffic(group) for key, group in groups.items()}
