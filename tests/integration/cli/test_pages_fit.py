"""The pages in a real browser: nothing is wider than a phone or a desktop. Skipped without Chromium."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from eptura_scim.cli.pages.check_directory import page as directory_page
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
from eptura_scim.simulation.directory_check.report import (
    DirectoryReport,
    ExampleReport,
    FindingReport,
    PhoneReport,
    TotalsReport,
)
from tests.integration.browser import LONG, WIDTHS, needs_chromium, overflows
from tests.unit.cli.review.test_drift_forms import of_values

NOW = datetime(2026, 11, 27, tzinfo=UTC)


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


def directory() -> str:
    example = ExampleReport(place=LONG, who=LONG, detail=LONG, ids=(LONG,), links=(f"https://portal.example/{LONG}",))
    finding = FindingReport(
        code="mandatory-empty", severity="error", kind="User", attribute=LONG, count=1234, counted="1,234 users",
        values=1234, title=LONG, meaning=LONG, remedy=LONG, note=LONG, examples=(example,) * 3,
    )  # fmt: skip
    phone = PhoneReport(attribute=LONG, shape=LONG, form="other", count=1234, example=LONG, sent=LONG)
    totals = TotalsReport(seen=12_345_678, in_scope=12_345_678, failing=12_345_678)
    report = DirectoryReport(
        source=LONG, mappings=LONG, stack=LONG, checked=LONG, users=totals, groups=totals, failing_share=0.5,
        quarantine=LONG, worst="error", findings=(finding,), phones=(phone,), good_export=(LONG,),
    )  # fmt: skip
    return directory_page(report)


@needs_chromium
def test_no_page_is_wider_than_a_phone_or_a_desktop(tmp_path: Path) -> None:
    drift = of_values(LONG, 3)
    pages = {"drift": page(drift), "guide": guide(), "fleet": fleet(drift), "directory": directory()}
    assert overflows(pages, tmp_path) == {f"{name} {width}": 0 for name in pages for width in WIDTHS}
