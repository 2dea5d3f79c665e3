"""A killed plugin, a killed engine, an endpoint that does not answer: nothing is lost, the next run converges."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.emulator import Fault
from eptura_scim.engine import Deployment, DeploymentError

if TYPE_CHECKING:
    from eptura_scim.emulator import LocalEntra
    from tests.engine.conftest import Deploy, Differing


def processes(entra: LocalEntra, pattern: str) -> list[int]:
    """The processes of this test's run: they have its local Entra in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environment = (entry / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if re.search(pattern, command) and entra.environment["SSL_CERT_FILE"] in environment:
            found.append(int(entry.name))
    return found


class Killer(threading.Thread):
    """Kills a process as soon as the armed fault holds a request up."""

    def __init__(self, entra: LocalEntra, pattern: str) -> None:
        super().__init__(daemon=True)
        self.entra, self.pattern = entra, pattern
        self.killed: list[int] = []

    def run(self) -> None:
        deadline = time.monotonic() + 60
        while self.entra.faults.pending() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.killed = processes(self.entra, self.pattern)
        for process in self.killed:
            os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("request_", ["/schema$", "/secrets$", "/start$"])
def test_a_plugin_killed_in_the_middle_of_a_write_loses_nothing(
    deployment: Deployment, entra: LocalEntra, differing: Differing, request_: str
) -> None:
    entra.faults.add(Fault(method="POST" if "start" in request_ else "PUT", path=request_, kind="slow", delay=3))
    killer = Killer(entra, r"eptura_scim\.provider")
    killer.start()
    with pytest.raises(DeploymentError) as caught:
        deployment.up()
    killer.join()
    assert killer.killed
    assert "Traceback" not in caught.value.outcome.text

    entra.faults.clear()
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert differing(deployment) == {}


def test_a_killed_engine_loses_nothing(deploy: Deploy, entra: LocalEntra, differing: Differing) -> None:
    entra.faults.add(Fault(method="PUT", path="/schema$", kind="slow", delay=3))
    killer = Killer(entra, r"^\S*/pulumi .*\bup\b")
    killer.start()
    with pytest.raises(DeploymentError):
        deploy().up()
    killer.join()
    assert killer.killed

    deadline = time.monotonic() + 20
    while processes(entra, r"eptura_scim\.(provider|emulator\.azuread)") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes(entra, r"eptura_scim\.(provider|emulator\.azuread)") == []

    entra.faults.clear()
    deployment = deploy()
    deployment.cancel()
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert entra.portal.job()["schedule"]["state"] == "Active"
    assert differing(deployment) == {}


def test_an_endpoint_that_does_not_answer_is_one_line_and_the_next_run_converges(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    with pytest.raises(DeploymentError, match=r"connection test of https://localhost:1/scim/v1/ failed") as caught:
        deploy(tenantUrl="https://localhost:1/scim/v1/").up()
    assert len(str(caught.value).splitlines()) == 1
    assert entra.portal.secrets() == {}
    deployment = deploy()
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert differing(deployment) == {}


def test_an_entra_that_does_not_answer_is_one_line_and_changes_nothing(deploy: Deploy, entra: LocalEntra) -> None:
    deploy().up()
    before = deploy().export_stack()["resources"]
    away = deploy(environment={"ARM_METADATA_HOSTNAME": "localhost:1"})
    with pytest.raises(DeploymentError, match="localhost:1"):
        away.up()
    assert [r["urn"] for r in deploy().export_stack()["resources"]] == [r["urn"] for r in before]
    assert deploy().preview(expect_no_changes=True).changed == {}
