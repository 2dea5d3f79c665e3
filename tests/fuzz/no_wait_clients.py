"""The resources of both plugins on Graph clients of the test: those that the plugins name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from eptura_scim import provider
from eptura_scim.azuread_stand_in import get_application
from eptura_scim.azuread_stand_in import provider as stand_in
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.provider.login import check_login
from eptura_scim.provider.paused_changes import PausedChanges

__all__ = ["CLIENTS", "RESOURCES", "Clients", "application"]


_NO_WAITING = Consistency(seconds=-1, refusal_seconds=-1)


class Clients(NamedTuple):
    """What the resources ask, and how long ours wait."""

    ours: SynchronizationClient
    stand_in: Graph
    consistency: Consistency = _NO_WAITING
    changes: PausedChanges | None = None

    @property
    def for_ours(self) -> tuple[SynchronizationClient, Consistency, PausedChanges | None]:
        """What a resource of ours is made with."""
        return self.ours, self.consistency, self.changes


CLIENTS: list[Clients] = []
"""The last ones are used."""

_OURS = provider._RESOURCES
_STAND_IN = {token: f"eptura_scim.azuread_stand_in.{place}" for token, place in stand_in._RESOURCES.items()}

RESOURCES = {token: f"{__name__}:{token}" for token in (*_OURS, *_STAND_IN)}
"""Where a provider finds each: here, by its token."""


def __getattr__(token: str) -> Callable[[], Any]:
    """A resource of the plugins, made with the test's client."""
    if token in _OURS:
        return partial(_found(_OURS[token]), *CLIENTS[-1].for_ours)
    if token in _STAND_IN:
        return partial(_found(_STAND_IN[token]), CLIENTS[-1].stand_in)
    raise AttributeError(token)


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


async def application(args: dict[str, Any]) -> dict[str, Any]:
    """getApplication of the stand-in."""
    return await get_application.get_application(args, CLIENTS[-1].stand_in)


async def login(args: dict[str, Any]) -> dict[str, Any]:
    """checkLogin of our plugin."""
    return await check_login(args, CLIENTS[-1].ours.client)
