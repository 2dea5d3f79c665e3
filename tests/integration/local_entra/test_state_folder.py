"""The state folder: what survives a restart and a kill, who may use it, and what is in its files."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from eptura_scim.local_entra import (
    DEFAULT_SCIM_TOKEN,
    LocalEntra,
    LocalEntraError,
    NotRunningError,
    StartFailedError,
    StateCorruptError,
    StateError,
    StateInUseError,
    Tenant,
    serve,
    start_detached,
    status,
    stop,
)
from tests.integration.local_entra.graph_client import App, GraphClient

TOKEN = "t0k3n-that-nobody-may-see"

Online = Callable[..., GraphClient]


def client(url: str, bundle: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, verify=ssl.create_default_context(cafile=bundle))


@pytest.fixture
async def online() -> AsyncIterator[Online]:
    """Connects clients to a served local Entra, and closes all of them at the end of the test."""
    async with AsyncExitStack() as connected:

        def connect(entra: LocalEntra, bundle: str = "") -> GraphClient:
            http = client(entra.url, bundle or entra.environment["SSL_CERT_FILE"])
            connected.push_async_callback(http.aclose)
            return GraphClient(entra, http)

        yield connect


def _bytes(path: str) -> bytes:
    return Path(path).read_bytes()


async def test_everything_is_there_after_a_restart(tmp_path: Path, online: Online) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        graph = online(entra)
        app, other = await graph.new_app("first"), await graph.new_app("second")
        await graph.connect(app)
        entra.portal.of("first").remove_user_mapping("title")
        entra.portal.of("first").start()
        await graph.ask("DELETE", f"/applications/{other.application}")
        before = (await graph.get(app.schema), await graph.get(app.job_path), await graph.saved(app))
        url, environment, token = entra.url, entra.environment, graph.token
        bundle = _bytes(environment["SSL_CERT_FILE"])

    with LocalEntra.start(state_dir=tmp_path) as entra:
        assert entra.url == url
        assert entra.environment == environment
        assert _bytes(environment["SSL_CERT_FILE"]) == bundle
        graph = online(entra)
        graph.token = token
        assert (await graph.get(app.schema), await graph.get(app.job_path), await graph.saved(app)) == before
        assert entra.portal.applications() == ["first"]
        path = f"{app.job_path}/validateCredentials"
        assert (await graph.ask("POST", path, {"useSavedCredentials": True})).status_code == 204


async def test_a_purged_application_leaves_nothing_behind(tmp_path: Path, online: Online) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        graph = online(entra)
        app = await graph.new_app()
        await graph.save(app, SecretToken=TOKEN)
        assert TOKEN in (tmp_path / "secrets.json").read_text()
        await graph.ask("DELETE", f"/applications/{app.application}")
        await graph.ask("DELETE", f"/directory/deletedItems/{app.application}")

    assert list((tmp_path / "apps").iterdir()) == []
    assert TOKEN not in (tmp_path / "secrets.json").read_text()


async def test_secrets_are_in_a_single_private_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], online: Online
) -> None:
    folder = tmp_path / "state"
    with LocalEntra.start(state_dir=folder) as entra:
        graph = online(entra)
        app = await graph.new_app()
        await graph.save(app, BaseAddress=entra.scim.url, SecretToken=TOKEN)
        await graph.ask("POST", f"{app.job_path}/validateCredentials", {"useSavedCredentials": True})
        entra.scim.accept_tokens([DEFAULT_SCIM_TOKEN, "another-t0k3n"])

    assert folder.stat().st_mode & 0o777 == 0o700
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    for word in (TOKEN, "another-t0k3n", Tenant().client_secret):
        assert [path.name for path in files if word.encode() in path.read_bytes()] == ["secrets.json"]
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err

    with LocalEntra.start(state_dir=folder) as entra:
        assert entra.scim.accepts("another-t0k3n")


def test_the_tenant_of_a_folder_stays_until_another_is_given(tmp_path: Path) -> None:
    mine = Tenant(id="11111111-1111-1111-1111-111111111111", client_secret="mine")
    with LocalEntra.start(state_dir=tmp_path, tenant=mine):
        pass
    with LocalEntra.start(state_dir=tmp_path) as entra:
        assert entra.tenant == mine
    with LocalEntra.start(state_dir=tmp_path, tenant=Tenant()) as entra:
        assert entra.tenant == Tenant()


def test_a_folder_serves_a_single_process(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path):
        with pytest.raises(StateInUseError, match=f"process {os.getpid()}.*--state-dir"):
            LocalEntra.start(state_dir=tmp_path)
        with pytest.raises(StateInUseError):
            start_detached(tmp_path)
        with pytest.raises(NotRunningError, match="runs in this process"):
            stop(tmp_path)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot be used"):
        LocalEntra.start(state_dir=tmp_path / "file" / "state")


def test_an_application_that_cannot_be_saved_names_its_file(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        entra.portal.create_application("Eptura")
        [path] = (tmp_path / "apps").iterdir()
        path.unlink()
        path.mkdir()
        with pytest.raises(StateError, match=f"{path} cannot be written: Is a directory"):
            entra.portal.set_notes("x")
        assert list((tmp_path / "apps").iterdir()) == [path], "nothing half written is left"
        path.rmdir()
        path.parent.rmdir()
        with pytest.raises(StateError, match=f"{path} cannot be written: No such file or directory"):
            entra.portal.set_notes("x")


@pytest.mark.parametrize("name", ["secrets.json", "people.jsonl", "scim.jsonl"])
def test_an_unreadable_state_is_an_error_that_names_its_file(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(StateError, match=f"{tmp_path / name} cannot be read: Is a directory"):
        LocalEntra.start(state_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("apps/x.json", "{"),
        ("apps/x.json", "[]"),
        ("apps/x.json", '{"created": 1}'),
        ("secrets.json", "no json"),
        ("secrets.json", '{"synchronization": {"x": "y"}}'),
        ("tenant.json", '{"id": 5}'),
        ("server.json", '{"port": "x"}'),
        ("server.json", "[]"),
        ("ca.pem", "no certificate"),
        ("server.pem", "no certificate"),
        ("scim.jsonl", "no json\n{}\n"),
    ],
)
def test_a_spoiled_file_is_named_and_unchanged(name: str, text: str, tmp_path: Path) -> None:
    LocalEntra.start(state_dir=tmp_path).close()
    path = tmp_path / name
    path.write_text(text)

    for _ in range(2):
        with pytest.raises(StateCorruptError, match=str(path)):
            LocalEntra.start(state_dir=tmp_path)
    assert path.read_text() == text


def test_a_failed_start_frees_folder_and_port(tmp_path: Path) -> None:
    LocalEntra.start(state_dir=tmp_path).close()
    spoiled = tmp_path / "scim.jsonl"
    spoiled.write_text("no json\n{}\n")
    with pytest.raises(StateCorruptError):
        LocalEntra.start(state_dir=tmp_path)
    spoiled.unlink()

    LocalEntra.start(state_dir=tmp_path).close()


@pytest.mark.slow
async def test_a_detached_local_entra_runs_until_it_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError):
        status(tmp_path)
    with pytest.raises(NotRunningError):
        stop(tmp_path)

    running = start_detached(tmp_path)
    try:
        assert status(tmp_path) == running
        assert running.pid != os.getpid()
        async with client(running.url, running.environment["SSL_CERT_FILE"]) as http:
            assert (await http.get("/metadata/endpoints")).status_code == 200
            headers = {"Authorization": f"Bearer {DEFAULT_SCIM_TOKEN}"}
            assert (await http.get(f"{running.scim_url}Users", headers=headers)).status_code == 200
        with pytest.raises(StateInUseError):
            start_detached(tmp_path)
    finally:
        stop(tmp_path)

    with pytest.raises(NotRunningError):
        status(tmp_path)
    again = start_detached(tmp_path)
    stop(tmp_path)
    assert again.port == running.port
    assert again.environment == running.environment


@pytest.mark.slow
def test_a_detached_local_entra_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "x.json").write_text("{")

    with pytest.raises(StartFailedError, match=r"apps/x\.json cannot be read"):
        start_detached(tmp_path)


def test_a_detached_local_entra_that_starts_too_late_is_ended(tmp_path: Path) -> None:
    with pytest.raises(
        StartFailedError, match=f"did not answer within 120 s and was stopped: .* see {tmp_path / 'log'}"
    ):
        start_detached(tmp_path, users=50_000, sleep=lambda _: None)  # users: it would not come up at once in any case
    _wait(lambda: not any(thread.name == "local-entra-end" for thread in threading.enumerate()))
    assert not _runs(tmp_path)


# Holds a folder's lock, as a local Entra does, until its standard input ends.
HOLDER = """
import fcntl, os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(sys.argv[1], "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    print(sys.argv[2] if len(sys.argv) > 2 else os.getpid(), file=lock, flush=True)
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(folder: Path, number: str = "") -> Iterator[str]:
    """A process that holds the lock and does not end on SIGTERM; it names itself, or a number that is given."""
    command = [sys.executable, "-c", HOLDER, str(folder / "lock"), *([number] if number else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield str(process.pid)


def test_a_local_entra_that_does_not_stop_is_an_error(tmp_path: Path) -> None:
    with held(tmp_path) as pid, pytest.raises(StartFailedError, match=rf"\(process {pid}\) did not end"):
        stop(tmp_path, sleep=lambda _: None)
    with pytest.raises(NotRunningError):
        stop(tmp_path)


def test_a_local_entra_that_ended_by_itself_counts_as_stopped(tmp_path: Path) -> None:
    with held(tmp_path, number=str(2**22 + 1)):  # above all numbers that a process can have
        stop(tmp_path)


AS_NOBODY = """
import codecs, os
from pathlib import Path
from eptura_scim.local_entra import StartFailedError, stop

codecs.lookup("ascii")  # while this Python's own files can be read
os.setresuid(65534, 65534, 0)
try:
    stop(Path())
except StartFailedError as error:
    print(error)
finally:
    os.setresuid(0, 0, 0)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_local_entra_of_another_user_is_an_error(tmp_path: Path) -> None:
    with held(tmp_path) as pid:
        tmp_path.chmod(0o755)
        (tmp_path / "lock").chmod(0o666)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        told = subprocess.run(
            [sys.executable, "-c", AS_NOBODY],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.stderr == ""
    assert told.stdout == f"the local Entra on . (process {pid}) belongs to another user\n"


def test_a_stale_process_number_is_not_the_server(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(str(os.getppid()))
    with pytest.raises(NotRunningError):
        stop(tmp_path)


@pytest.mark.slow
async def test_a_kill_at_any_moment_loses_nothing_that_was_answered(tmp_path: Path, online: Online) -> None:
    for round_ in range(3):
        running = start_detached(tmp_path)
        entra = LocalEntra.in_process()  # for its tenant: the same public credentials
        entra.url = running.url
        graph = online(entra, running.environment["SSL_CERT_FILE"])
        app = await graph.new_app(f"app {round_}")
        assert (await graph.save(app, CompanyId="-1")).status_code == 204
        killer = threading.Timer(0.15 + round_ / 20, os.kill, (running.pid, signal.SIGKILL))
        killer.start()
        answered = await _write_until_cut(graph, app)
        killer.join()
        _wait(lambda: not _runs(tmp_path))

        with LocalEntra.start(state_dir=tmp_path) as again:
            found = online(again)
            saved = int((await found.saved(app)).get("CompanyId", -1))
            schema = await found.get(app.schema)
            # The write that was under way when the kill came may or may not have arrived.
            assert saved in {answered, answered + 1}
            assert int(schema.get("mark", -1)) in {answered, answered - 1, answered + 1}
            assert len(again.portal.applications()) == round_ + 1


async def _write_until_cut(graph: GraphClient, app: App) -> int:
    """The last number whose writes were answered."""
    schema = await graph.get(app.schema)
    answered = -1
    try:
        for number in range(10_000):
            assert (await graph.save(app, CompanyId=str(number))).status_code == 204
            answered = number
            assert (await graph.ask("PUT", app.schema, {**schema, "mark": number})).status_code == 204
    except httpx.TransportError:
        pass
    return answered


def _runs(folder: Path) -> bool:
    try:
        status(folder)
    except NotRunningError:
        return False
    return True


def _wait(until: Callable[[], bool]) -> None:
    for _ in range(200):
        if until():
            return
        time.sleep(0.02)
    pytest.fail("did not happen within 4 s")


@pytest.mark.slow
def test_a_server_ended_by_a_signal_keeps_its_state(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "eptura_scim.local_entra", "--state-dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready https://localhost:")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert not _runs(tmp_path)
    assert json.loads((tmp_path / "server.json").read_text())["pid"] == process.pid


def test_serving_in_the_foreground_restores_the_signals() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[str] = []

    def ready(entra: LocalEntra) -> None:
        seen.append(entra.url)
        os.kill(os.getpid(), signal.SIGTERM)

    serve(on_ready=ready)
    assert len(seen) == 1
    assert signal.getsignal(signal.SIGTERM) == before


def test_all_errors_have_a_common_root() -> None:
    for kind in (StateInUseError, StateCorruptError, NotRunningError, StartFailedError):
        assert issubclass(kind, LocalEntraError)


def test_a_running_local_entra_with_the_default_secret_is_found(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        (tmp_path / "secrets.json").write_text("{}")
        assert status(tmp_path).environment["ARM_CLIENT_SECRET"] == entra.tenant.client_secret
