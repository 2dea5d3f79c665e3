"""Neither the token nor the client secret is in what a real engine says, keeps, passes on or leaves for an instant."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eptura_scim.local_entra import Tenant
from tests.security.traces import CLIENT_SECRET, TOKEN, found_in_files, traces

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy

pytestmark = pytest.mark.slow

LOUD: dict[str, Any] = {"log_verbosity": 11, "log_flow": True, "debug": True}
TALKS_TO_GRAPH = ("pulumi", "eptura_scim.provider", "eptura_scim.azuread_stand_in", "pulumi-resource-")
"""The engine, which hands it on, and the plugins that log in."""


class Watch:
    """Looks again and again at the processes below this one and at the files in a folder of temporary files."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_until_the_end)
        self.leaks: set[str] = set()
        self.programs: set[str] = set()
        self.files: set[str] = set()
        self._seen: set[object] = set()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look_until_the_end(self) -> None:
        while not self._ended.wait(0.1):
            for process in _below(os.getpid()):
                self._look_at_process(process)
            for path in self._temporary.rglob("*"):
                self._look_at_file(path)

    def _look_at_process(self, process: Path) -> None:
        command, environment = _read(process / "cmdline"), _read(process / "environ")
        program = " ".join(command.decode(errors="replace").split("\0")[:5])
        if (process, command) in self._seen:
            return
        self._seen.add((process, command))
        self.programs.add(program)
        for name, secret in (("token", TOKEN), ("client secret", CLIENT_SECRET)):
            if traces(secret, command):
                self.leaks.add(f"{name} in the arguments of {program}")
            wanted = secret == CLIENT_SECRET and any(part in program for part in TALKS_TO_GRAPH)
            if not wanted and traces(secret, environment):
                self.leaks.add(f"{name} in the environment of {program}")

    def _look_at_file(self, path: Path) -> None:
        self.files.add(path.name)
        if path.name.startswith("pulumi."):  # the engine's logs: they stay, and are looked at when they are whole
            return
        content = _read(path)
        if (path, content) in self._seen:
            return
        self._seen.add((path, content))
        for name, secret in (("token", TOKEN), ("client secret", CLIENT_SECRET)):
            if traces(secret, content):
                self.leaks.add(f"{name} in the temporary file {path.name}")


def _below(ancestor: int) -> list[Path]:
    """The processes that descend from one, as folders of /proc."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = _read(stat).decode(errors="replace").rpartition(")")[2].split()
        if len(fields) > 1:
            parents[int(stat.parent.name)] = int(fields[1])
    found, grown = {ancestor}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return [Path("/proc", str(pid)) for pid in found - {ancestor}]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:  # ended or removed since
        return b""


@pytest.fixture
def entra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEntra]:
    """With secrets of its own, its temporary files and everybody's in one folder."""
    from eptura_scim.local_entra import LocalEntra

    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with LocalEntra.start(tenant=Tenant(client_secret=CLIENT_SECRET)) as started:
        started.scim.accept_tokens([TOKEN])
        yield started


def test_no_secret_is_in_any_output_state_argument_or_file(
    deploy: Deploy, entra: LocalEntra, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan, imports = str(tmp_path / "plan.json"), str(tmp_path / "import.json")
    with Watch(tmp_path / "temporary") as watch:
        deployment = deploy(token=TOKEN)
        said = [
            deployment.preview(json=True, plan=plan, import_file=imports).text,
            deployment.up(**LOUD).text,  # logs to files
            deployment.preview(diff=True, log_to_std_err=True, **LOUD).text,
            deployment.refresh(log_to_std_err=True, **LOUD).text,
        ]
    assert len(said[2]) > 100_000
    assert {"plan.json", "import.json"} <= {path.name for path in tmp_path.iterdir()}
    assert any(name.startswith("pulumi.") for name in watch.files), watch.files
    assert any("eptura_scim.provider" in program for program in watch.programs), watch.programs
    assert watch.leaks == set()
    exported = deployment.export_stack()
    for secret in (TOKEN, CLIENT_SECRET):
        for place in (*said, str(exported), caplog.text, *map(str, entra.calls), *(str(c.body) for c in entra.calls)):
            assert traces(secret, place) == [], place[:1000]
        assert found_in_files(secret, tmp_path) == {}
    assert str(exported).count("secretTokenFingerprint") >= 2
