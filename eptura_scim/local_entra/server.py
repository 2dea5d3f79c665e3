"""The local Entra as one object: its parts put together, and served over HTTPS on the loopback address."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from types import FrameType, TracebackType

import httpx
from starlette.applications import Starlette

from eptura_scim.local_entra.api.call_log import Calls
from eptura_scim.local_entra.api.faults import Faults
from eptura_scim.local_entra.api.login.access_tokens import AccessTokens
from eptura_scim.local_entra.api.login.routes import login_routes
from eptura_scim.local_entra.api.middleware import GraphMiddleware
from eptura_scim.local_entra.api.paths import Paths
from eptura_scim.local_entra.api.routes import graph_routes
from eptura_scim.local_entra.certificates import Certificates
from eptura_scim.local_entra.clock import AdvancingClock, Clock, utc_now
from eptura_scim.local_entra.errors import StateCorruptError
from eptura_scim.local_entra.https import listen, serve_in_thread
from eptura_scim.local_entra.parts import Parts
from eptura_scim.local_entra.permissions import Authorization
from eptura_scim.local_entra.scim_server.server import ScimServer
from eptura_scim.local_entra.state_files import read_json, write_atomically
from eptura_scim.local_entra.storage.store import FolderStore, MemoryStore, Store
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.tenant import Tenant
from eptura_scim.local_entra.web.routes import web_app
from eptura_scim.types import Json

__all__ = ["LocalEntra", "environment_for", "serve"]

Sleep = Callable[[float], Awaitable[None]]

_CONNECTION_TEST_SECONDS = 10.0


class LocalEntra:
    """Microsoft Entra ID and Microsoft Graph on this machine, with a SCIM server beside them.

        with LocalEntra.start() as entra:
            subprocess.run(["pulumi", "up"], env={**os.environ, **entra.environment})

    `start` serves over HTTPS; `in_process` makes one without a socket, for clients with a replaceable transport.
    """

    def __init__(
        self,
        *,
        tenant: Tenant,
        url: str,
        store: Store,
        switches: Switches | None = None,
        journal: Path | None = None,
        client: Callable[[], httpx.AsyncClient] | None = None,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.tenant = tenant
        self.url = url
        """`https://localhost:PORT`: Graph, login and metadata."""
        self.switches = switches or Switches()
        self.calls = Calls()
        self.faults = Faults()
        self.scim = ScimServer(url, store, journal, self.switches)
        self.clock = AdvancingClock(clock)
        """The time; `provisioning.advance` puts it forward."""
        parts = Parts.of(tenant, store, self.switches, self.clock, client or self._loopback_client)
        self.people, self.portal, self.provisioning = parts.people, parts.portal, parts.provisioning
        self.permissions = parts.permissions
        """What the identity that logs in may do; a change takes effect with the next access token."""
        self.routes = graph_routes(parts)
        """Graph's endpoints, below the version."""
        tokens = AccessTokens(tenant, self.permissions, _signing_key(store), self.clock)
        self.app = GraphMiddleware(
            graph=Starlette(routes=self.routes),
            login=Starlette(routes=login_routes(tenant, tokens, self.clock, parts.directory.is_resource)),
            scim=self.scim.app,
            web=web_app(parts, self.scim, self.calls),
            paths=Paths((route.path for route in self.routes), parts.objects.object_id),
            tokens=tokens,
            access=Authorization(self.switches, parts.objects.owns, parts.objects.deleted_kind),
            calls=self.calls,
            faults=self.faults,
            clock=self.clock,
            sleep=sleep,
        )
        self.environment: dict[str, str] = environment_for(tenant, url, None)
        """Variables that make azure-identity, the azuread plugin and ours use it. Public values: it guards nothing.

        They are for processes that are started with them: aiohttp and Go read SSL_CERT_FILE once."""
        self._closing = contextlib.ExitStack()

    @classmethod
    def in_process(
        cls,
        *,
        switches: Switches | None = None,
        tenant: Tenant | None = None,
        clock: Clock = utc_now,
        client: Callable[[], httpx.AsyncClient] | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> LocalEntra:
        """A local Entra without a socket: `entra.app` is the ASGI application, its url https://localhost.

        `client` replaces the HTTP client of connection tests, `sleep` is awaited for the delays of faults.
        """
        return cls(
            tenant=tenant or Tenant(),
            url="https://localhost",
            store=MemoryStore(),
            switches=switches,
            client=client,
            clock=clock,
            sleep=sleep,
        )

    @classmethod
    def start(
        cls,
        *,
        port: int = 0,
        state_dir: Path | None = None,
        switches: Switches | None = None,
        tenant: Tenant | None = None,
        clock: Clock = utc_now,
        sleep: Sleep = asyncio.sleep,
        cycles: bool = False,
    ) -> LocalEntra:
        """Serve over HTTPS in a thread of this process, on 127.0.0.1.

        `port` 0 means the port that the state folder was last used with, else a free one. Without `state_dir` nothing
        is kept. `sleep` is awaited for the delays of faults. With `cycles` jobs that are on provision when they are
        due; without, when `provisioning` is told to.

        Raises PortTakenError, StateInUseError, StateCorruptError, StateError.
        """
        with contextlib.ExitStack() as undo:
            folder = Path(state_dir or undo.enter_context(tempfile.TemporaryDirectory(prefix="local-entra-")))
            store: Store = MemoryStore()
            if state_dir is not None:
                kept = FolderStore(folder)
                undo.callback(kept.close)
                store = kept
            found = _tenant(folder, store, tenant) if state_dir is not None else tenant or Tenant()
            certificates = Certificates.of(folder)
            trust = cache(certificates.context)
            listening = undo.enter_context(listen(port or _last_port(folder)))
            bound: int = listening.getsockname()[1]
            url = f"https://localhost:{bound}"
            entra = cls(
                tenant=found,
                url=url,
                store=store,
                switches=switches,
                journal=folder / "scim.jsonl" if state_dir is not None else None,
                client=lambda: httpx.AsyncClient(verify=trust(), timeout=_CONNECTION_TEST_SECONDS),
                clock=clock,
                sleep=sleep,
            )
            entra.environment = environment_for(found, url, certificates.bundle)
            undo.callback(serve_in_thread(entra.app, listening, certificates))
            # Last: a process that waits for this file finds a server that answers.
            if state_dir is not None:
                write_atomically(folder / "server.json", _described(os.getpid(), bound, entra))
            if cycles:
                undo.enter_context(entra.provisioning.in_background())
            entra._closing = undo.pop_all()
        return entra

    def close(self) -> None:
        """Stop serving and let others use the state folder. Closing twice is fine."""
        self._closing.close()

    def __enter__(self) -> LocalEntra:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _loopback_client(self) -> httpx.AsyncClient:
        """For `in_process`: the own address is this application, all others are real."""
        return httpx.AsyncClient(
            mounts={self.url: httpx.ASGITransport(app=self.app)},
            verify=_system_trust(),
            timeout=_CONNECTION_TEST_SECONDS,
        )


@cache
def _system_trust() -> ssl.SSLContext:
    """Certificates that the system trusts; read once, it takes longer than an idle cycle."""
    return ssl.create_default_context()


def environment_for(tenant: Tenant, url: str, bundle: Path | None) -> dict[str, str]:
    """The variables that make clients use a local Entra."""
    found = {
        "ARM_METADATA_HOSTNAME": url.removeprefix("https://"),
        "ARM_TENANT_ID": tenant.id,
        "ARM_CLIENT_ID": tenant.client_id,
        "ARM_CLIENT_SECRET": tenant.client_secret,
        # Else the azuread plugin tries the Azure CLI's login when the secret fails, and hides why it failed.
        "ARM_USE_CLI": "false",
    }
    return found if bundle is None else {**found, "SSL_CERT_FILE": str(bundle)}


def serve(
    *,
    port: int = 0,
    state_dir: Path | None = None,
    switches: Switches | None = None,
    cycles: bool = False,
    users: int = 0,
    sample: bool = False,
    on_ready: Callable[[LocalEntra], None] = lambda _: None,
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; for the main thread. Raises as `LocalEntra.start`.

    `sample`: a directory that never had a user or group gets a small company. `users`: as many are generated as the
    directory has less.
    """
    # Not an event: a signal that arrives while the wait begins would wait for ever for the lock of the event.
    signals: SimpleQueue[int] = SimpleQueue()

    def end(number: int, frame: FrameType | None) -> None:
        signals.put(number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with LocalEntra.start(port=port, state_dir=state_dir, switches=switches, cycles=cycles) as entra:
            if sample:
                entra.people.add_sample()
            entra.people.fill(users)
            on_ready(entra)
            signals.get()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tenant(folder: Path, store: Store, wanted: Tenant | None) -> Tenant:
    """The folder's tenant; one that is given replaces it. Its client secret is in the secrets file."""
    path = folder / "tenant.json"
    if wanted is None and path.exists():
        try:
            return Tenant.kept(read_json(path), store.load_private("clientSecret"))
        except (ValueError, TypeError) as error:
            raise StateCorruptError(f"the state file {path} cannot be read; nothing was changed") from error
    tenant = wanted or Tenant()
    store.save_private("clientSecret", tenant.client_secret)
    write_atomically(path, tenant.model_dump_json(exclude={"client_secret"}, indent=1))
    return tenant


def _signing_key(store: Store) -> bytes:
    """The key of access tokens; kept, so that a token outlives a restart as it does at Entra."""
    known = store.load_private("tokenKey")
    if isinstance(known, str):
        return bytes.fromhex(known)
    made = secrets.token_hex(32)
    store.save_private("tokenKey", made)
    return bytes.fromhex(made)


def _last_port(folder: Path) -> int:
    path = folder / "server.json"
    if not path.exists():
        return 0
    found = read_json(path)
    port = found.get("port") if isinstance(found, Mapping) else None
    if not isinstance(port, int):
        raise StateCorruptError(f"the state file {path} names no port; move it away to use any free one")
    return port


def _described(pid: int, port: int, entra: LocalEntra) -> str:
    document: Json = {"pid": pid, "port": port, "url": entra.url, "scim": entra.scim.url}
    return json.dumps(document, indent=1)
