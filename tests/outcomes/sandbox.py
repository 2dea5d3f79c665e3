"""A tenant, a stack and Eptura in one process, without sockets and without waiting.

    with Sandbox() as sandbox:
        company = Company(sandbox.entra.people)
        assert sandbox.up().succeeded
        sandbox.cycles()
        assert "ann@contoso.example" in sandbox.eptura.snapshot().active

The program is the real component; the plugins are the real provider and the azuread stand-in; the rest is the local
Entra with its cycles and its SCIM server. What the Pulumi engine does is `engine.Engine`.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from acceptance.eptura import CYCLES, Eptura, Event
from eptura_scim import provider as ours
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.cloud import discover
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import Fault, LocalEntra, Switches
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.storage.store import MemoryStore
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.settings import Settings, settings_of_texts
from tests.fuzz import no_wait_clients
from tests.outcomes.engine import OutcomeEngine, Run, RunFlags
from tests.outcomes.program import Program, of_stack
from tests.outcomes.wire import KilledError, LateReplica, Wire

__all__ = ["Sandbox"]

T = TypeVar("T")
_SLOW = ContextVar("slow", default=False)

_OTHER = "https://other.eptura.example"
_BEGINNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
_FUNCTIONS = {
    "azuread": {"azuread:index/getApplication:getApplication": "tests.fuzz.no_wait_clients:application"},
    ours.NAME: {**ours._FUNCTIONS, f"{ours.NAME}:index:checkLogin": "tests.fuzz.no_wait_clients:login"},
}


class Sandbox:
    """Everything at hand. Times are the tenant's own: waiting puts its clock forward."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.entra = LocalEntra.in_process(
            switches=switches, clock=lambda: _BEGINNING, sleep=self._sleep, client=self._http
        )
        self.portal = self.entra.portal
        self.eptura = Eptura(self.entra.scim)
        self._other = ScimServer(_OTHER, MemoryStore(), switches=self.entra.switches)
        self.other_eptura = Eptura(self._other)
        """Eptura at another address; it takes the same token."""
        self.calls: list[str] = []
        """What the plugins asked in the last run, method and path."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._wire = Wire(self.entra.app, self._before, self._after)
        self._opened: list[Callable[[], Awaitable[None]]] = []
        self._kill_at: int | None = None
        self._kill_after: int | None = None
        self._kill_before: tuple[str, str] | None = None
        self._cycle_at: frozenset[int] = frozenset()
        self._at_next_wait: Callable[[], object] | None = None
        self._before_call: tuple[str, Callable[[], object]] | None = None
        self._slow_until = _BEGINNING
        self._time_passed = asyncio.Event()
        self._slow_began = asyncio.Event()
        self._slow_cycle: Future[list[Event]] | None = None
        self.writes_in_slow_cycle: list[str] = []
        """Writes of the plugins while a cycle of `begin_cycle` went on, the pause included."""
        self.engine = OutcomeEngine(self._loop, self._plugins)

    def __enter__(self) -> Sandbox:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._slow_cycle is not None and not self._slow_cycle.done():
            self.end_cycle()
        self.wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What a coroutine gives that belongs to this sandbox."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def applications(self) -> list[dict[str, Any]]:
        """The tenant's applications as Graph shows them to the plugins of the last run, oldest first."""
        found: list[dict[str, Any]] = self.wait(no_wait_clients.CLIENTS[-1].stand_in.get("/v1.0/applications"))["value"]
        return found

    def accept(self, *tokens: str) -> None:
        """Have Eptura accept these tokens, at both addresses, and the one that it accepts anyway."""
        for server in (self.entra.scim, self._other):
            server.accept_tokens([self.entra.scim.token, *tokens])

    def fill_other_eptura(self, users: Iterable[dict[str, Any]], journal: Path) -> None:
        """Have users at the other address, as its SCIM server keeps them in a file."""
        lines = [json.dumps({"put": user, "type": "User"}) for user in users]
        journal.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._other = ScimServer(_OTHER, MemoryStore(), journal, self.entra.switches)
        self.other_eptura = Eptura(self._other)

    # The stack

    def settings(self, **changes: str) -> Settings:
        """The settings that a user sets, the connection that works, and no protection."""
        values = {"tenantUrl": self.entra.scim.url, "secretToken": self.entra.scim.token, "protect": "off", **changes}
        return settings_of_texts(values, ["secretToken"])

    def up(
        self,
        settings: Settings | Program | None = None,
        *,
        kill_at: int | None = None,
        kill_after: int | None = None,
        cycle_at: frozenset[int] = frozenset(),
        refresh: bool = True,
        target: str | tuple[str, ...] = "",
        target_dependents: bool = False,
        replace: str = "",
        seed: int | None = None,
    ) -> Run:
        """`pulumi up` of settings or of a program.

        `kill_at`, `kill_after` and `cycle_at` count its calls of Graph, from 0: the run is killed before that call or
        once it is carried out, a cycle runs before those. `seed` shuffles what no dependency orders.
        """
        self._kill_at, self._kill_after, self._cycle_at = kill_at, kill_after, cycle_at
        try:
            options = RunFlags(refresh, target, target_dependents, replace, seed=seed)
            return self._run(settings, options)
        finally:
            self._kill_at, self._kill_after, self._cycle_at = None, None, frozenset()
            self._kill_before = None

    def preview(
        self, settings: Settings | Program | None = None, *, refresh: bool = True, target: str | tuple[str, ...] = ""
    ) -> Run:
        """`pulumi preview`."""
        return self._run(settings, RunFlags(refresh, target, preview=True))

    def refresh(self) -> Run:
        """`pulumi refresh`."""
        self.calls.clear()
        return self.engine.refresh()

    def destroy(self, *, refresh: bool = True, target: str = "", cycle_at: frozenset[int] = frozenset()) -> Run:
        """`pulumi destroy`; of a target, with what depends on it. `cycle_at` is as that of `up`."""
        self.calls.clear()
        self._cycle_at = cycle_at
        try:
            return self.engine.destroy(RunFlags(refresh, target, target_dependents=bool(target)))
        finally:
            self._cycle_at = frozenset()

    def kill_before(self, once: str, call: str) -> None:
        """Kill the next run before the first call that a pattern finds, after one that the pattern `once` found."""
        self._kill_before = (once, call)

    def at_next_wait(self, act: Callable[[], object]) -> None:
        """Do something as soon as a plugin waits: an edit by hand, say."""
        self._at_next_wait = act

    def before_call(self, call: str, act: Callable[[], object]) -> None:
        """Do something before the next call, method and path, that a pattern finds: an edit by hand, say."""
        self._before_call = (call, act)

    def fault(self, **fault: Any) -> None:
        """Something that goes wrong with Graph, as `Fault` says."""
        self.entra.faults.add(Fault(**fault))

    def mask_tenant_url(self) -> None:
        """Have Graph mask the saved tenant URL from now on."""
        self._wire.masks_tenant_url = True

    def earlier_answers(self) -> dict[str, Any]:
        """What Graph answered last at each path, for `late_replica`."""
        return dict(self._wire.read)

    def missing_answers(self) -> dict[str, Any]:
        """Each of these paths answered with 404, for `late_replica`: the replica does not know the object yet."""
        error = b'{"error": {"code": "Request_ResourceNotFound", "message": "Resource does not exist."}}'
        return {path: replace(answer, status=404, body=error) for path, answer in self._wire.read.items()}

    def late_replica(self, path: str, number: int, answers: dict[str, Any]) -> None:
        """Have one read of a path, by its number in the next run, answered as earlier."""
        self._wire.late = LateReplica(path, number, answers)

    # Time

    def cycle(self) -> list[Event]:
        """The next cycle of every job that is on; what it did."""
        return self.wait(self._cycle())

    def begin_cycle(self, lasting: float) -> None:
        """Begin a cycle that goes on for so many seconds, by the tenant's clock, after its first request."""
        self._slow_until = self.entra.clock() + timedelta(seconds=lasting)
        self.writes_in_slow_cycle.clear()
        self._slow_began.clear()
        self._slow_cycle = asyncio.run_coroutine_threadsafe(self._slowly(self._cycle()), self._loop)
        self.wait(self._slow_began.wait())

    def end_cycle(self) -> list[Event]:
        """Let the time pass that the cycle takes; what it did."""
        assert self._slow_cycle is not None
        self.wait(self._sleep((self._slow_until - self.entra.clock()).total_seconds()))
        return self._slow_cycle.result()

    @property
    def writes(self) -> list[str]:
        """The calls of the last run that may change something."""
        return [call for call in self.calls if _is_write(call)]

    def cycles(self) -> list[Event]:
        """As many cycles as it takes until nothing is left to do; a quarantined job is tried again."""
        return [event for _ in range(CYCLES) for event in self.cycle()]

    # Inside

    def _run(self, settings: Settings | Program | None, options: RunFlags) -> Run:
        self.calls.clear()
        declare = settings if callable(settings) else of_stack(settings or self.settings())
        return self.engine.up(declare, options)

    async def _plugins(self) -> dict[str, ResourceProvider]:
        """New processes: what a plugin knew of the last run is gone, and it logs in again."""
        await self._close()
        environment = {**self.entra.environment, "ARM_USE_CLI": "false"}
        transport = self._wire.azure(self._sleep)
        cloud = await discover(environment, transport)
        client = GraphClient(cloud, credential_from(environment, cloud, transport), transport)
        graph = Graph(Environment.of(environment), self._wire.httpx(), self._sleep)
        self._opened = [client.close, graph.close]
        no_wait_clients.CLIENTS[:] = [
            no_wait_clients.Clients(SynchronizationClient(client), graph, self._consistency(), PausedChanges())
        ]
        return {package: _provider(package, functions) for package, functions in _FUNCTIONS.items()}

    def _consistency(self) -> Consistency:
        return Consistency(clock=lambda: self.entra.clock().timestamp(), sleep=self._sleep)

    async def _close(self) -> None:
        for close in self._opened:
            await close()
        self._opened = []

    async def _sleep(self, seconds: float) -> None:
        if self._at_next_wait is not None:
            act, self._at_next_wait = self._at_next_wait, None
            act()
        self.entra.clock.reach(self.entra.clock() + timedelta(seconds=seconds))
        self._time_passed.set()
        self._time_passed = asyncio.Event()
        if self._slow_cycle and self.entra.clock() >= self._slow_until:
            await asyncio.wrap_future(self._slow_cycle)

    async def _before(self, method: str, path: str) -> None:
        if not _is_graph(path):
            return
        if self._before_call is not None and re.search(self._before_call[0], f"{method} {path}"):
            (_, act), self._before_call = self._before_call, None
            act()
        number = len(self.calls)
        if number in self._cycle_at:
            await self._cycle()
        if self._kill_at is not None and number >= self._kill_at:
            raise KilledError
        once, last = self._kill_before or ("", "")
        if last and re.search(last, f"{method} {path}") and any(re.search(once, call) for call in self.calls):
            raise KilledError
        self.calls.append(f"{method} {path}")
        if self._slow_cycle and not self._slow_cycle.done() and _is_write(self.calls[-1]):
            self.writes_in_slow_cycle.append(self.calls[-1])

    async def _after(self, method: str, path: str) -> None:
        if _is_graph(path) and self._kill_after is not None and len(self.calls) > self._kill_after:
            raise KilledError

    async def _cycle(self) -> list[Event]:
        servers = (self.eptura, self.other_eptura)
        before = [server.snapshot() for server in servers]
        await self.entra.provisioning.run_all()
        return [event for server, seen in zip(servers, before, strict=True) for event in server.note(seen)]

    async def _slowly(self, cycle: Awaitable[T]) -> T:
        _SLOW.set(True)
        return await cycle

    async def _slow_down(self, _request: httpx.Request) -> None:
        while _SLOW.get() and self._cycle_shows() and self.entra.clock() < self._slow_until:
            self._slow_began.set()
            await self._time_passed.wait()

    def _cycle_shows(self) -> bool:
        return bool(self.portal.applications() and self.portal.jobs() and self.portal.job()["status"]["progress"])

    def _http(self) -> httpx.AsyncClient:
        """What Entra reaches the SCIM servers with."""
        apps: dict[str, Any] = {self.entra.url: self.entra.app, _OTHER: self._other.app}
        hooks = {"request": [self._slow_down]}
        mounts = {url: httpx.ASGITransport(app=app) for url, app in apps.items()}
        return httpx.AsyncClient(event_hooks=hooks, mounts=mounts, transport=httpx.MockTransport(_not_reachable))


def _not_reachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no such server", request=request)


def _is_write(call: str) -> bool:
    reads = ("GET ", "POST /v1.0/me")
    return not call.startswith(reads) and not call.endswith(("/validateCredentials", "/parseExpression"))


def _is_graph(path: str) -> bool:
    return path.startswith(("/v1.0/", "/beta/"))


def _provider(package: str, functions: dict[str, str]) -> ResourceProvider:
    described = {"name": package, "version": "0.0.0", "description": ""}
    resources = {token: place for token, place in no_wait_clients.RESOURCES.items() if token.startswith(f"{package}:")}
    return ResourceProvider(described, resources, functions)
