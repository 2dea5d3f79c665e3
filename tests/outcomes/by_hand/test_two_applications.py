"""A second application of the stack's name is named by the run that made it and by each preview."""

from __future__ import annotations

from acceptance.company import Company
from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.settings import Settings
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.program import Program
from tests.outcomes.sandbox import Sandbox


def under_another_name(settings: Settings) -> Program:
    """A program whose component has another name, without an alias."""
    return lambda: EpturaScimProvisioning("another", settings)


def test_a_second_application_is_named_until_it_is_deleted(sandbox: Sandbox) -> None:
    sandbox.fault(method="POST", path="/instantiate$", status=504, retry_after=0, applied=True)
    run = sandbox.up()
    assert run.succeeded, run.error
    other, own = sandbox.applications()
    [record] = [record for record in sandbox.engine.state if record.type.endswith("ApplicationFromTemplate")]
    assert record.outputs["applicationObjectId"] == own["id"]

    preview = sandbox.preview()
    assert preview.clean
    for warnings in (run.warnings, preview.warnings):
        [warning] = warnings
        assert "the tenant has 2 applications" in warning
        assert f"The stack's has the client id {own['appId']}" in warning
        assert f"the stack does not know {other['id']} (created" in warning

    sandbox.portal.of(other["id"]).delete_application()
    assert sandbox.preview().warnings == []


def test_applications_of_other_names_or_templates_are_ignored(sandbox: Sandbox) -> None:
    sandbox.portal.create_application("Eptura of another team")
    run = sandbox.up()
    assert (run.succeeded, run.warnings) == (True, [])


def test_a_login_that_may_not_list_applications_gets_no_warning(sandbox: Sandbox) -> None:
    sandbox.portal.create_application("EpturaScimApplication")
    sandbox.fault(method="GET", path="/v1.0/applications$", status=403, times=99)
    run = sandbox.up()
    assert (run.succeeded, run.warnings) == (True, [])


def test_a_renamed_component_moves_users_to_a_new_application(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before, [old] = sandbox.eptura.snapshot(), sandbox.applications()
    run = sandbox.up(under_another_name(sandbox.settings()), cycle_at=EVERY_CALL)
    assert (run.succeeded, run.warnings) == (True, []), "the old application is the stack's until the run deletes it"
    [new] = sandbox.applications()
    assert new["id"] != old["id"]
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
    assert sandbox.preview(under_another_name(sandbox.settings())).clean


def test_a_renamed_component_keeps_users_who_leave_in_that_run(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot().active.keys()
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    assert sandbox.up(under_another_name(narrow), cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert sandbox.eptura.snapshot().active.keys() == before
