"""Cycles of a local Entra with a server: over HTTPS, in the background, and after a restart."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from pathlib import Path

import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.provisioning.cycle import CycleReport
from eptura_scim.local_entra.provisioning.target import Sent

USERS = "User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def provisioned(entra: LocalEntra) -> None:
    entra.portal.create_application("EpturaScimApplication")
    entra.portal.create_job()
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("all")
    entra.portal.start()


def test_a_served_entra_provisions_by_https_also_after_a_restart(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        provisioned(entra)
        ann = entra.people.add_user(userPrincipalName="ann@contoso.example", givenName="Ann")["id"]
        assert asyncio.run(entra.provisioning.run_cycle()).error is None
        assert [user["userName"] for user in entra.scim.resources()] == ["ann@contoso.example"]

    with LocalEntra.start(state_dir=tmp_path) as entra:
        entra.people.update_user(ann, {"surname": "Bell"})
        report = asyncio.run(entra.provisioning.run_cycle())
        assert (report.kind, report.counts.imported, report.of("Update")) == ("incremental", 1, ["ann@contoso.example"])
        assert {it.method for it in entra.provisioning.requests} == {"GET", "PATCH"}
        assert entra.portal.job()["status"]["synchronizedEntryCountByType"] == [{"key": USERS, "value": 1}]


def test_cycles_run_in_the_background_when_asked_to(tmp_path: Path) -> None:
    with LocalEntra.start() as entra:
        provisioned(entra)
        entra.people.add_user(userPrincipalName="ann@contoso.example", givenName="Ann")
        done = threading.Event()
        entra.provisioning.on_cycle = lambda report: done.set()
        with entra.provisioning.in_background():
            assert done.wait(30)
        assert [user["userName"] for user in entra.scim.resources()] == ["ann@contoso.example"]


def test_a_failure_beside_a_background_cycle_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with LocalEntra.start() as entra:
        provisioned(entra)
        told = threading.Event()

        def fail(report: CycleReport) -> None:
            told.set()
            raise RuntimeError("the caller's own mistake")

        entra.provisioning.on_cycle = fail
        with entra.provisioning.in_background():
            assert told.wait(30)
        assert entra.portal.job()["status"]["code"] == "Active"
    [record] = caplog.records
    assert (record.message, record.exc_text and "the caller's own mistake" in record.exc_text) == (
        "a cycle failed", True
    )  # fmt: skip


def test_a_background_cycle_that_is_cut_goes_on_the_next_time() -> None:
    with LocalEntra.start() as entra:
        provisioned(entra)
        for number in range(40):
            entra.people.add_user(userPrincipalName=f"u{number}@contoso.example", givenName="U")
        entra.portal.allow_deletes()
        began = threading.Event()
        append = entra.provisioning.requests.append

        class Noted(deque[Sent]):
            def append(self, sent: Sent, /) -> None:
                append(sent)
                if sent.method == "POST":
                    began.set()

        entra.provisioning.requests = Noted()
        with entra.provisioning.in_background():
            assert began.wait(30)
        made = len(entra.scim.resources())
        assert 0 < made < 40
        assert (entra.portal.job()["status"]["code"], entra.portal.job()["status"]["progress"]) == ("NotRun", [])

        report = asyncio.run(entra.provisioning.run_cycle())
        assert (report.kind, len(report.of("Create"))) == ("initial", 40 - made)
        assert len(entra.scim.resources()) == 40
