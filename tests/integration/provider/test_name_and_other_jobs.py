"""What azuread does not watch: the enterprise application's own name, and a second job beside the declared one."""

import pytest

from eptura_scim.plugin_sdk.difference import differences, render
from eptura_scim.plugin_sdk.errors import InvalidIdError
from eptura_scim.plugin_sdk.validation import check, dump
from eptura_scim.provider.application_name import ApplicationNameInputs
from eptura_scim.provider.job_state import JobStateInputs
from tests.integration.provider.conftest import Desk


def name_inputs(desk: Desk, name: str = "Eptura") -> ApplicationNameInputs:
    return ApplicationNameInputs(service_principal_id=desk.principal, display_name=name)


async def state_differences(desk: Desk, wanted: JobStateInputs) -> list[str]:
    read = await desk.state.read(desk.id, {})
    assert read is not None
    return [render(path) for path, _ in differences(dump(read[0]), dump(wanted), desk.state.equivalent)]


async def test_a_name_that_is_right_is_not_written(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.entra.calls.clear()
    created = await desk.name.create("", name_inputs(desk))
    assert created.id == desk.principal
    assert desk.entra.calls.writes() == []


async def test_an_enterprise_application_that_was_renamed_reads_so_and_gets_its_name_back(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.portal.rename("Old Eptura")
    read = await desk.name.read(desk.principal, {})
    assert read is not None
    assert read[0].display_name == "Old Eptura"
    await desk.name.update("", desk.principal, {}, name_inputs(desk))
    assert desk.portal.service_principal()["displayName"] == "Eptura"


async def test_the_name_of_an_application_that_is_gone_is_gone(usual_desk: Desk) -> None:
    usual_desk.portal.delete_application()
    assert await usual_desk.name.read(usual_desk.principal, {}) is None


async def test_a_name_is_imported_by_the_id_of_azureads_service_principal(usual_desk: Desk) -> None:
    assert await usual_desk.name.read(f"/servicePrincipals/{usual_desk.principal}", {}) is not None
    with pytest.raises(InvalidIdError, match="SERVICE_PRINCIPAL_OBJECT_ID"):
        await usual_desk.name.read(usual_desk.id, {})


async def test_deleting_a_name_asks_nothing_of_entra(usual_desk: Desk) -> None:
    usual_desk.entra.calls.clear()
    await usual_desk.name.delete(usual_desk.principal, {})
    assert not list(usual_desk.entra.calls)


def test_an_empty_name_is_refused() -> None:
    assert [failure.path for failure in check(ApplicationNameInputs, {"displayName": ""}).failures] == [
        "servicePrincipalId",
        "displayName",
    ]


@pytest.mark.parametrize(("deletes", "left"), [(False, "paused"), (True, "deleted")])
async def test_a_second_job_that_runs_is_paused_or_deleted(usual_desk: Desk, deletes: bool, left: str) -> None:
    desk = usual_desk
    await desk.provision()
    wanted = desk.state_inputs("On").model_copy(update={"delete_other_jobs": deletes})
    second = desk.portal.create_job()
    desk.portal.at(second).start()
    known = {"deleteOtherJobs": deletes}
    read = await desk.state.read(desk.id, known)
    assert read is not None
    old = dump(read[0])
    assert old["otherJobs"] == [second]
    (warning,) = await desk.state.change_warnings(old, dump(wanted), [("otherJobs",)])
    assert warning.startswith(f"another job of the application is {left}: {second}")
    await desk.state.update("", desk.id, old, wanted)
    states = {job.id: job.scheduled for job in await desk.api.jobs(wanted.job.service_principal)}
    assert states == {desk.job: True} | ({} if deletes else {second: False})
    read = await desk.state.read(desk.id, known)
    assert read is not None
    assert dump(read[0]) == dump(wanted)


async def test_a_second_job_that_does_not_run_is_left_alone(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision()
    desk.portal.create_job()
    assert await state_differences(desk, desk.state_inputs("On")) == []


async def test_only_jobs_that_a_preview_has_named_are_deleted(usual_desk: Desk) -> None:
    desk = usual_desk
    second = desk.portal.create_job()
    await desk.state.create("", desk.state_inputs("Off"))
    await desk.state.update("", desk.id, {}, desk.state_inputs("Off"))
    assert second in [job.id for job in await desk.api.jobs(desk.state_inputs("Off").job.service_principal)]


async def test_a_second_job_that_is_declared_stays(usual_desk: Desk) -> None:
    desk = usual_desk
    second = desk.portal.create_job()
    desk.portal.at(second).start()
    wanted = desk.state_inputs("Off").model_copy(update={"other_jobs": [second]})
    assert await state_differences(desk, wanted) == []
    await desk.state.update("", desk.id, dump(wanted), wanted)
    assert await state_differences(desk, wanted) == []
