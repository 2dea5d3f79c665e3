"""The pages in a real browser: nothing is wider than a phone or a desktop. Skipped where there is no Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path

import pytest

from eptura_scim.cli.review.drift_page import page
from eptura_scim.cli.review.fleet_page import fleet_page
from eptura_scim.cli.review.guide_page import guide_page
from eptura_scim.graph.errors import UnreachableError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef
from eptura_scim.jobs.status import status_report
from eptura_scim.mapping import AttributeMapping, Mappings
from eptura_scim.operations.drift import DriftReport
from eptura_scim.operations.fleet import FleetReport, StackReport
from eptura_scim.operations.guide import FailedObject, guide_report
from eptura_scim.operations.live_application import LiveApplication, Unread
from tests.unit.cli.test_drift_forms import of_values

WIDTHS = (390, 1280)
LONG = "scim." + "2" * 60 + "x" * 400
NOW = datetime(2026, 11, 27, tzinfo=UTC)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def guide() -> str:
    job = Job(id=LONG)
    users = {LONG: AttributeMapping.model_construct(source=f"[{LONG}]")}
    live = LiveApplication(
        principal=Unread(LONG),
        application=None,
        template_id=LONG,
        jobs=[job],
        job=job,
        connection=Unread(str(UnreachableError(LONG))),
        token_saved=False,
        connection_test=LONG,
        mappings=Mappings.model_construct(users=users, groups={}, provision_users=True, provision_groups=False),
        status=status_report(JobRef(ServicePrincipalId("0"), JobId(LONG)), job, NOW),
    )
    failures = (FailedObject(time=NOW, who=LONG, code=LONG, reason=LONG),)
    return guide_page(guide_report(live, failures, ("notPermitted", LONG)))


def fleet(drift: DriftReport) -> str:
    stack = StackReport(
        stack=LONG, exit_code=1, drift=drift, drift_problem="", status=None, status_problem=LONG, versions={LONG: LONG}
    )
    return fleet_page(
        FleetReport(project=LONG, observed_at=NOW, exit_code=1, eptura_scim="0", pulumi="3", stacks=(stack,))
    )


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is here")
def test_no_page_is_wider_than_a_phone_or_a_desktop(tmp_path: Path) -> None:
    drift = of_values(LONG, 3)
    pages = {"drift": page(drift), "guide": guide(), "fleet": fleet(drift)}
    frames = "".join(
        # Without the policy of the page: a frame inherits it, and the script that measures could not run.
        f'<iframe title="{name} {width}" width="{width}" height="800" '
        f'srcdoc="{escape(re.sub("<meta http-equiv[^>]*>", "", html), quote=True)}"></iframe>'
        for name, html in pages.items()
        for width in WIDTHS
    )
    measure = (
        "onload=()=>{document.title=JSON.stringify([...document.querySelectorAll('iframe')].map(frame=>{"
        "const root=frame.contentDocument.documentElement;"
        "return [frame.title,root.scrollWidth-root.clientWidth]}))}"
    )
    file = tmp_path / "frames.html"
    file.write_text(f"<!DOCTYPE html><title>-</title>{frames}<script>{measure}</script>", encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri(),
        ],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )  # fmt: skip
    found = re.search("<title>(.*?)</title>", done.stdout)
    assert found is not None
    assert json.loads(unescape(found[1])) == [[f"{name} {width}", 0] for name in pages for width in WIDTHS]
