"""The Pulumi CLI is found, or got once, and whatever goes wrong leaves nothing broken."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import go_build
from eptura_scim.engine import official_installer as official
from eptura_scim.engine.cache import locked
from eptura_scim.engine.discovery import find_engine
from eptura_scim.engine.errors import EngineNotFoundError

if TYPE_CHECKING:
    from tests.integration.engine.conftest import Machine


def find(machine: Machine) -> str:
    return find_engine(machine.say, machine.environment).source


def test_an_engine_on_path_that_is_new_enough_is_used(machine: Machine) -> None:
    path = machine.pulumi("3.260.1")
    found = find_engine(machine.say, machine.environment)
    assert (found.path, found.version, found.source) == (path, "3.260.1", "PATH")
    assert machine.said == []


def test_an_engine_on_path_that_is_too_old_is_named_and_skipped(machine: Machine) -> None:
    machine.pulumi("3.180.0")
    machine.go()
    assert find(machine) == "Go module"
    assert "3.180.0, older than 3.259.0" in machine.said[0]


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho hello\n", "not a program"])
def test_an_engine_on_path_that_fails_is_named_and_skipped(machine: Machine, text: str) -> None:
    machine.executable("pulumi", text)
    machine.go()
    assert find(machine) == "Go module"
    assert "does not answer `pulumi version`" in machine.said[0]


def test_the_engine_is_built_once_and_then_found_in_the_cache(machine: Machine) -> None:
    machine.go()
    assert find(machine) == "Go module"
    assert find(machine) == "cache"
    assert machine.go_calls == ["get", "build"]
    assert machine.leftovers == []


def test_a_broken_engine_in_the_cache_is_built_again(machine: Machine) -> None:
    machine.go()
    machine.executable("pulumi", "", machine.cache / "engine" / "v3.259.0" / "bin")
    assert find(machine) == "Go module"
    assert find(machine) == "cache"


def test_a_blocked_installer_is_a_line_and_go_builds_the_engine(machine: Machine) -> None:
    machine.go()
    find(machine)
    assert [line for line in machine.said if line.startswith("official installer:")] == [machine.said[1]]


def test_without_go_the_error_says_what_to_install(machine: Machine) -> None:
    machine.environment["PATH"] = str(machine.bin)
    with pytest.raises(EngineNotFoundError) as caught:
        find(machine)
    message = str(caught.value)
    assert "go is not on PATH" in message
    assert "Install the Pulumi CLI (https://www.pulumi.com/docs/install/) or Go" in message
    assert "\n" not in message


def test_a_failed_build_gives_gos_reason_and_leaves_nothing(machine: Machine) -> None:
    machine.go('#!/bin/sh\necho "go: downloading x"\necho "go: module lookup disabled" >&2\nexit 1\n')
    with pytest.raises(EngineNotFoundError, match="`go get -tool` failed: go: module lookup disabled"):
        find(machine)
    assert machine.leftovers == []
    assert not (machine.cache / "engine" / "v3.259.0").exists()


def test_a_built_engine_that_does_not_start_is_built_again(machine: Machine) -> None:
    machine.go("#!/bin/sh\nexit 0\n")
    with pytest.raises(EngineNotFoundError, match="the built binary does not start"):
        find(machine)
    machine.go()
    assert find(machine) == "Go module"


FIND = """
import os, sys
from eptura_scim.engine.discovery import find_engine
print(find_engine(lambda line: print(line, flush=True), os.environ).source, flush=True)
"""


def start(machine: Machine) -> subprocess.Popen[str]:
    environment = {**machine.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", FIND], env=environment, stdout=subprocess.PIPE, text=True)


def slow_go(machine: Machine) -> None:
    machine.go()
    quick = (machine.bin / "go").read_text()
    machine.go(quick.replace("if [", '[ "$1" = build ] && touch building && sleep 2\nif [', 1))


def await_build(machine: Machine) -> None:
    for _ in range(300):
        if "build" in machine.go_calls:
            return
        time.sleep(0.05)
    raise AssertionError(machine.go_calls)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_is_repeated_by_the_next_run(machine: Machine, end: signal.Signals) -> None:
    slow_go(machine)
    process = start(machine)
    await_build(machine)
    process.send_signal(end)
    process.communicate(timeout=20)
    assert process.returncode != 0
    assert not (machine.cache / "engine" / "v3.259.0").exists()
    machine.go()
    assert find(machine) == "Go module"
    assert machine.leftovers == []


@pytest.mark.slow
def test_two_processes_at_once_build_a_single_engine(machine: Machine) -> None:
    slow_go(machine)
    processes = [start(machine), start(machine)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert machine.go_calls.count("build") == 1
    assert sorted(text.split("\n")[-2] for text in said) == ["Go module", "cache"]
    assert any("another process is downloading the Pulumi CLI" in text for text in said)


def test_a_process_that_waited_uses_the_others_engine(machine: Machine) -> None:
    lock = ExitStack()
    lock.enter_context(locked(machine.cache / "engine" / "lock", on_wait=lambda: None))

    def other_is_done(line: str) -> None:
        machine.say(line)
        machine.pulumi("3.259.0", machine.cache / "engine" / "v3.259.0" / "bin")
        lock.close()

    assert find_engine(other_is_done, machine.environment).source == "cache"
    assert machine.said == ["another process is downloading the Pulumi CLI: waiting for it"]


def test_an_installer_that_hangs_is_given_up(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "_TOTAL_SECONDS", 0.01)
    machine.go()
    assert find(machine) == "Go module"
    assert "official installer: timed out after 0.01 s" in machine.said


@pytest.mark.slow
def test_a_long_build_prints_its_duration(machine: Machine, tmp_path: Path) -> None:
    slow_go(machine)
    go_build.build(tmp_path, machine.say, machine.environment, progress=0.5)
    assert [line for line in machine.said if line.startswith("  compiling (")]


def test_ctrl_c_ends_go_too(machine: Machine, tmp_path: Path) -> None:
    slow_go(machine)

    def interrupted(line: str) -> None:
        if line.startswith("  compiling"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go_build.build(tmp_path, interrupted, machine.environment, progress=0.5)
    running = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert str(machine.bin / "go") not in running


def test_the_cache_follows_xdg_and_never_lies_in_the_checkout(tmp_path: Path) -> None:
    from eptura_scim.engine.cache import cache_folder

    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "eptura-scim"
    assert cache_folder({"HOME": str(tmp_path)}) == tmp_path / ".cache" / "eptura-scim"
    assert cache_folder({"EPTURA_SCIM_CACHE": "~/x"}) == Path.home() / "x"
