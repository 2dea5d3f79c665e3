"""What azuread does not watch: the enterprise application's own name, and a second job beside the declared one."""

import pytest

from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job, SynchronizationClient
from eptura_scim.local_entra import Fault
from eptura_scim.plugin_sdk.difference import differences, render
from eptura_scim.plugin_sdk.errors import InvalidIdError
from eptura_scim.plugin_sdk.validation import check, dump
from eptura_scim.provider.application_name import ApplicationNameInputs
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from tests.integration.provider.conftest import ProviderFixture


def name_inputs(provider: ProviderFixture, name: str = "Eptura") -> ApplicationNameInputs:
    return ApplicationNameInputs(service_principal_id=provider.principal, display_name=name)


async def state_differences(provider: ProviderFixture, wanted: JobStateInputs) -> list[str]:
    read = await provider.state.read(provider.id, {})
    assert read is not None
    return [render(path) for path, _ in differences(dump(read[0]), dump(wanted), provider.state.equivalent)]


async def test_a_name_that_is_right_is_not_written(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.entra.calls.clear()
    created = await provider.name.create("", name_inputs(provider))
    assert created.id == provider.principal
    assert provider.entra.calls.writes() == []


async def test_a_renamed_enterprise_application_gets_its_name_back(
    default_provider: ProviderFixture,
) -> None:
    provider = default_provider
    provider.portal.rename("Old Eptura")
    read = await provider.name.read(provider.principal, {})
    assert read is not None
    assert read[0].display_name == "Old Eptura"
    await provider.name.update("", provider.principal, {}, name_inputs(provider))
    assert provider.portal.service_principal()["displayName"] == "Eptura"


async def test_the_name_of_an_application_that_is_gone_is_gone(default_provider: ProviderFixture) -> None:
    default_provider.portal.delete_application()
    assert await default_provider.name.read(default_provider.principal, {}) is None


async def test_a_name_is_imported_by_the_id_of_its_service_principal(default_provider: ProviderFixture) -> None:
    assert await default_provider.name.read(f"/servicePrincipals/{default_provider.principal}", {}) is not None
    with pytest.raises(InvalidIdError, match="SERVICE_PRINCIPAL_OBJECT_ID"):
        await default_provider.name.read(default_provider.id, {})


async def test_deleting_a_name_asks_nothing_of_entra(default_provider: ProviderFixture) -> None:
    default_provider.entra.calls.clear()
    await default_provider.name.delete(default_provider.principal, {})
    assert not list(default_provider.entra.calls)


def test_an_empty_name_is_refused() -> None:
    assert [failure.path for failure in check(ApplicationNameInputs, {"displayName": ""}).failures] == [
        "servicePrincipalId",
        "displayName",
    ]


@pytest.mark.parametrize(("deletes", "left"), [(False, "paused"), (True, "deleted")])
async def test_a_second_job_that_runs_is_paused_or_deleted(
    default_provider: ProviderFixture, deletes: bool, left: str
) -> None:
    provider = default_provider
    await provider.provision()
    wanted = provider.state_inputs("On").model_copy(update={"delete_other_jobs": deletes})
    second = provider.portal.create_job()
    provider.portal.at(second).start()
    known = {"deleteOtherJobs": deletes}
    read = await provider.state.read(provider.id, known)
    assert read is not None
    old = dump(read[0])
    assert old["otherJobs"] == [second]
    (warning,) = await provider.state.change_warnings(old, dump(wanted), [("otherJobs",)])
    assert warning.startswith(f"another job of the application is {left}: {second}")
    await provider.state.update("", provider.id, old, wanted)
    states = {job.id: job.scheduled for job in await provider.api.jobs(wanted.job.service_principal)}
    assert states == {provider.job: True} | ({} if deletes else {second: False})
    read = await provider.state.read(provider.id, known)
    assert read is not None
    assert dump(read[0]) == dump(wanted)


async def test_a_second_job_that_does_not_run_is_left_alone(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision()
    provider.portal.create_job()
    assert await state_differences(provider, provider.state_inputs("On")) == []


async def test_only_jobs_that_a_preview_has_named_are_deleted(default_provider: ProviderFixture) -> None:
    provider = default_provider
    second = provider.portal.create_job()
    await provider.state.create("", provider.state_inputs("Off"))
    await provider.state.update("", provider.id, {}, provider.state_inputs("Off"))
    assert second in [job.id for job in await provider.api.jobs(provider.state_inputs("Off").job.service_principal)]


async def test_a_second_job_that_is_declared_stays(default_provider: ProviderFixture) -> None:
    provider = default_provider
    second = provider.portal.create_job()
    provider.portal.at(second).start()
    wanted = provider.state_inputs("Off").model_copy(update={"other_jobs": [second]})
    assert await state_differences(provider, wanted) == []
    await provider.state.update("", provider.id, dump(wanted), wanted)
    assert await state_differences(provider, wanted) == []


@pytest.mark.parametrize("deletes", [False, True])
async def test_the_stacks_own_job_is_not_among_the_others(default_provider: ProviderFixture, deletes: bool) -> None:
    provider = default_provider
    await provider.provision()
    wanted = provider.state_inputs("On").model_copy(update={"delete_other_jobs": deletes})
    read = await provider.state.read(provider.id, dump(wanted))
    assert read is not None
    assert read[0].other_jobs is None
    await provider.state.update("", provider.id, {**dump(wanted), "otherJobs": [provider.job]}, wanted)
    [job] = await provider.api.jobs(wanted.job.service_principal)
    assert (job.id, job.scheduled) == (provider.job, True)
    assert "pause" not in [call.action for call in provider.entra.calls]


async def test_only_undeclared_running_jobs_are_paused(default_provider: ProviderFixture) -> None:
    provider = default_provider
    declared, undeclared, stopped = (provider.portal.create_job() for _ in range(3))
    for job in (declared, undeclared):
        provider.portal.at(job).start()
    provider.entra.faults.add(Fault(method="POST", path=f"/{undeclared}/pause$", status=409))
    wanted = provider.state_inputs("Off").model_copy(update={"other_jobs": [declared]})
    seen = {**dump(wanted), "otherJobs": [declared, undeclared, stopped]}
    await provider.state.update("", provider.id, seen, wanted)
    running = [job.id for job in await provider.api.jobs(wanted.job.service_principal) if job.scheduled]
    assert running == [declared]
    assert not any(f"{stopped}/pause" in call.path for call in provider.entra.calls)


class LateList(SynchronizationClient):
    """Lists no job: the replica that answers does not know it yet."""

    async def jobs(self, service_principal: ServicePrincipalId) -> list[Job]:
        return []


async def test_a_job_that_a_list_lacks_is_read_by_its_id(default_provider: ProviderFixture) -> None:
    await default_provider.provision()
    late = SynchronizationJobState(LateList(default_provider.api.client), default_provider.consistency)
    read = await late.read(default_provider.id, {})
    assert read is not None
    assert (read[0].provisioning_status, read[0].other_jobs) == ("On", None)
