"""`eptura-scim start`, `pause` and `restart` against a local Entra."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.graph.client import connect
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import PORTAL_RESTART, JobRef, SynchronizationClient
from eptura_scim.jobs.control import pause_job, start_job
from eptura_scim.jobs.errors import NothingDoneError
from eptura_scim.jobs.locate import JobSession
from eptura_scim.jobs.restart_scopes import ResetScopeError, reset_scopes
from eptura_scim.local_entra import Fault, LocalEntra

Eptura = Callable[..., Result]
PORTAL = ["Watermark", "Escrows", "QuarantineState"]


@pytest.fixture(autouse=True)
def documented_external_id(connected: LocalEntra) -> None:
    """The mappings are as documented; the job is not started."""
    connected.portal.set_user_source("externalId", "[objectId]")


@pytest.fixture
def eptura(entra: LocalEntra) -> Eptura:
    def run(*arguments: str, answer: str | None = None) -> Result:
        entra.calls.clear()
        principal = str(entra.portal.service_principal()["id"])
        return CliRunner().invoke(
            app, [*arguments, "--service-principal", principal], env=dict(entra.environment), input=answer
        )

    return run


def written(entra: LocalEntra) -> list[str]:
    return [call.action for call in entra.calls.writes()]


def state(entra: LocalEntra) -> str:
    return str(entra.portal.job()["schedule"]["state"])


def quarantined(entra: LocalEntra) -> None:
    """A started job that Entra cannot connect with."""
    saved = entra.portal.secrets()["BaseAddress"]
    entra.portal.set_tenant_url("")
    entra.portal.start()
    asyncio.run(entra.provisioning.run_cycle())
    entra.portal.set_tenant_url(saved)
    assert entra.portal.job()["status"]["code"] == "Quarantine"


def test_start_starts_once_and_a_second_time_does_nothing(entra: LocalEntra, eptura: Eptura) -> None:
    first = eptura("start")
    assert (first.exit_code, written(entra), state(entra)) == (0, ["start"], "Active")
    assert first.stdout.startswith("provisioning is on: `eptura-scim status --watch` follows it.")
    again = eptura("start")
    assert (again.exit_code, written(entra)) == (0, [])
    assert again.stdout == "provisioning is on already: nothing was done\n"


def test_start_ends_a_quarantine(entra: LocalEntra, eptura: Eptura) -> None:
    quarantined(entra)
    seen = eptura("start")
    assert (seen.exit_code, written(entra)) == (0, ["start"])
    assert "the quarantine has ended" in seen.stdout
    assert entra.portal.job()["status"]["code"] == "NotRun"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda entra: entra.portal.set_user_source("externalId", "[mailNickname]"), "comes from [mailNickname]"),
        (lambda entra: entra.portal.remove_user_mapping("externalId"), "is not mapped"),
    ],
    ids=["another source", "no mapping"],
)
def test_a_first_start_with_another_external_id_needs_force(
    entra: LocalEntra, eptura: Eptura, edit: Callable[[LocalEntra], None], words: str
) -> None:
    edit(entra)
    refused = eptura("start")
    assert (refused.exit_code, written(entra), state(entra)) == (1, [], "Disabled")
    assert isinstance(refused.exception, NothingDoneError)
    assert words in str(refused.exception)
    assert "Eptura never changes an externalId" in str(refused.exception)
    forced = eptura("start", "--force")
    assert (forced.exit_code, written(entra)) == (0, ["start"])
    assert f"warning: users.externalId {words}" in forced.stdout


def test_once_a_cycle_has_run_another_external_id_is_warned_of(entra: LocalEntra, eptura: Eptura) -> None:
    entra.portal.start()
    asyncio.run(entra.provisioning.run_cycle())
    entra.portal.stop()
    entra.portal.set_user_source("externalId", "[mailNickname]")
    seen = eptura("start")
    assert (seen.exit_code, written(entra)) == (0, ["start"])
    assert "warning: users.externalId comes from [mailNickname]" in seen.stdout


def test_pause_stops_and_a_second_time_does_nothing(entra: LocalEntra, eptura: Eptura) -> None:
    entra.portal.start()
    first = eptura("pause")
    assert (first.exit_code, written(entra), state(entra)) == (0, ["pause"], "Paused")
    assert "the running cycle finishes" in first.stdout
    again = eptura("pause")
    assert (again.stdout, written(entra)) == ("provisioning is off already: nothing was done\n", [])


@pytest.mark.parametrize("after_pause", ["Paused", "Disabled"])
def test_pause_succeeds_for_every_name_of_the_stopped_state(
    entra: LocalEntra, eptura: Eptura, after_pause: str
) -> None:
    entra.switches.state_after_pause = "Paused" if after_pause == "Paused" else "Disabled"
    entra.portal.start()
    assert eptura("pause").exit_code == 0
    assert state(entra) == after_pause


@pytest.mark.parametrize("act", [start_job, pause_job], ids=["start", "pause"])
async def test_a_change_that_never_shows_is_told(entra: LocalEntra, act: Callable[..., object]) -> None:
    if act is pause_job:
        entra.portal.start()
    job = entra.portal.job()["id"]
    ref = JobRef(ServicePrincipalId(str(entra.portal.service_principal()["id"])), JobId(job))
    entra.faults.add(Fault(kind="stale", method="POST", path="/(start|pause)$", times=1000))
    client, clock = await connect(entra.environment), iter(range(1000))

    async def no_sleep(_seconds: float) -> None:
        return

    consistency = Consistency(seconds=5, clock=lambda: float(next(clock)), sleep=no_sleep)
    options = {"force": False} if act is start_job else {}
    try:
        with pytest.raises(ReplyError, match="Entra does not show provisioning as"):
            await act(
                JobSession(client, SynchronizationClient(client), ref), say=print, consistency=consistency, **options
            )  # type: ignore[misc]
    finally:
        await client.close()


def test_a_restart_names_its_cost_and_asks(entra: LocalEntra, eptura: Eptura) -> None:
    entra.portal.start()
    declined = eptura("restart", answer="n\n")
    assert (declined.exit_code, written(entra)) == (1, [])
    assert "Watermark: all users are processed again" in declined.stdout
    assert isinstance(declined.exception, NothingDoneError)
    agreed = eptura("restart", answer="y\n")
    assert (agreed.exit_code, entra.portal.restarts()) == (0, [PORTAL])
    assert "provisioning restarts" in agreed.stdout


def test_without_a_terminal_nothing_is_done(entra: LocalEntra, eptura: Eptura) -> None:
    silent = eptura("restart", answer="")
    assert (silent.exit_code, written(entra)) == (1, [])
    assert "--yes confirms beforehand" in str(silent.exception)


@pytest.mark.parametrize(
    ("arguments", "scopes"),
    [
        (["--yes"], PORTAL),
        (["--reset-scope", "full", "-y"], ["Full"]),
        (["--reset-scope", "Watermark,escrows", "--yes"], ["Watermark", "Escrows"]),
        (["--reset-scope", "Escrows", "--reset-scope", "QuarantineState"], ["Escrows", "QuarantineState"]),
        (["--force-deletes", "--yes"], ["ForceDeletes"]),
        (["--reset-scope", "QuarantineState", "--force-deletes", "--yes"], ["QuarantineState", "ForceDeletes"]),
    ],
)
def test_what_is_reset_can_be_chosen(
    entra: LocalEntra, eptura: Eptura, arguments: list[str], scopes: list[str]
) -> None:
    entra.portal.start()
    seen = eptura("restart", *arguments)
    assert (seen.exit_code, entra.portal.restarts()) == (0, [scopes])
    assert [line.split(":")[0] for line in seen.stdout.splitlines()[: len(scopes)]] == scopes


def test_forced_deletes_that_nothing_holds_back_are_warned_of(entra: LocalEntra, eptura: Eptura) -> None:
    entra.portal.start()
    assert "warning: nothing to force" in eptura("restart", "--force-deletes", "--yes").stdout


def test_a_restart_of_a_stopped_job_names_when_it_takes_effect(eptura: Eptura) -> None:
    assert "takes effect when provisioning is started" in eptura("restart", "--yes").stdout


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("None", "`eptura-scim start` does that"),
        ("ConnectorDataStore", "without its support"),
        ("Watermark, none", "`eptura-scim start` does that"),
        ("Everything", "'Everything' is not one of Watermark, Escrows, QuarantineState, Full, ForceDeletes"),
        ("", "is not one of"),
    ],
)
def test_a_discouraged_restart_scope_is_refused_before_any_call(
    entra: LocalEntra, eptura: Eptura, word: str, why: str
) -> None:
    refused = eptura("restart", "--yes", "--reset-scope", word)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, ResetScopeError)
    assert why in str(refused.exception)
    assert list(entra.calls) == []


def test_scopes_come_once_each_and_in_the_order_given() -> None:
    assert reset_scopes(["Escrows, Watermark", "watermark"]) == ("Escrows", "Watermark")
    assert reset_scopes([", ".join(PORTAL_RESTART)]) == PORTAL_RESTART
