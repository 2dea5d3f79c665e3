"""`eptura-scim demo` is itself a check: it fails loudly when a step gives another result."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from eptura_scim.cli.demo.portal_edits import EDITS
from eptura_scim.cli.demo.story import DemoFailedError, run
from eptura_scim.engine import AzureadPlugin, Engine, ProjectError
from tests.engine.conftest import PROJECT

pytestmark = pytest.mark.slow


@pytest.fixture
def told() -> Console:
    return Console(file=io.StringIO(), width=200, highlight=False)


def text(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_demo_runs_to_its_end(told: Console, azuread: AzureadPlugin) -> None:
    run(PROJECT, told)
    said = text(told)
    assert "Someone" not in said
    for edit in EDITS:
        assert said.count(edit.sentence) == 2, "announced, and seen"
    assert "All 9 steps gave the expected result" in said
    assert said.count("exactly the documented attributes") == 2
    assert "Entra would have sent 9 more of adele.vance@contoso.example" in said


def test_an_edit_that_no_preview_names_fails_the_demo(told: Console, azuread: AzureadPlugin) -> None:
    unseen = replace(EDITS[0], make=lambda entra: None)
    with pytest.raises(DemoFailedError) as caught:
        run(PROJECT, told, [unseen, EDITS[6]])
    assert str(caught.value).splitlines()[1:] == [
        "  expected differences: delete SynchronizationSchema users.title, "
        "update SynchronizationJobState provisioningStatus, update SynchronizationSecrets tenantUrl",
        "  but they were: update SynchronizationJobState provisioningStatus, update SynchronizationSecrets tenantUrl",
    ]


def test_the_demo_needs_a_project_around_the_folder(told: Console, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"Pulumi\.yaml does not exist, nor is there one in a folder above"):
        run(tmp_path, told)


def processes_of(group: str) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if group in line and "ps -eo" not in line]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_demo_leaves_no_process_and_no_folder(engine: Engine, tmp_path: Path, number: signal.Signals) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-u", "-c", "from eptura_scim.cli import main; main()", "demo", "--project", str(PROJECT)],
        env={**os.environ, "TMPDIR": str(tmp_path), "EPTURA_SCIM_AZUREAD": "stand-in"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    for line in demo.stdout:
        if "ServicePrincipal eptura creating" in line:
            break
    demo.send_signal(number)
    _, err = demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert err.splitlines() == [
        "eptura-scim: interrupted; completed steps are in the state. Run the command again to continue"
    ]
    deadline = time.monotonic() + 5
    while processes_of(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []
