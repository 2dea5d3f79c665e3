"""A second application of the stack's name is named by the run that made it and by each preview."""

from __future__ import annotations

from tests.outcomes.sandbox import Sandbox


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
