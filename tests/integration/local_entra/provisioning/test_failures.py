"""Failures of single objects, of the endpoint, and too many deletions: retries, quarantine, back-off, restarts.

Source: Microsoft, "Application provisioning in quarantine status", unless a test names another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from eptura_scim.cli.status_text import plain
from eptura_scim.graph.synchronization import Job
from eptura_scim.jobs.status import status_report
from eptura_scim.local_entra import Switches
from eptura_scim.local_entra.synchronization.job_status import Thresholds
from tests.integration.local_entra.cycle_tenant import BEGINNING, CycleTenant
from tests.unit.job_samples import REF

HOUR = timedelta(hours=1)


def at(text: str) -> timedelta:
    """Time since the beginning."""
    return datetime.fromisoformat(text) - BEGINNING


def posts(tenant: CycleTenant) -> int:
    return len([it for it in tenant.entra.provisioning.requests if it.method == "POST"])


async def test_a_failure_of_an_object_shows_in_the_status() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.user("bob")
    tenant.answer(409, method="POST", path="/Users", times=1)
    report = await tenant.cycle()

    assert [(it.label, it.status, it.code) for it in report.outcomes] == [
        ("ann@contoso.example", "Failure", "EntryConflict"),
        ("bob@contoso.example", "Success", ""),
    ]
    last = tenant.status["lastExecution"]
    assert (last["state"], last["countEscrowed"], last["countExported"], last["countExports"]) == (
        "EntryLevelErrors", 1, 1, 2,
    )  # fmt: skip
    assert tenant.status["code"] == "Active"
    assert tenant.status["lastSuccessfulExecution"] is None


async def test_a_failure_is_retried_after_6_12_24_then_every_24_hours() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users")
    await tenant.cycle()
    seen = []
    for _ in range(4 * 24):
        await tenant.pass_time(hours=1)
        if posts(tenant):
            seen.append(round((tenant.now - BEGINNING) / HOUR))
    assert seen == [6, 12, 24, 48, 72, 96]


async def test_a_failure_that_heals_is_forgotten() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users", times=1)
    await tenant.cycle()
    await tenant.pass_time(hours=7)
    assert tenant.user_names() == {"ann"}
    assert tenant.status["lastExecution"]["countEscrowed"] == 0
    assert tenant.status["lastSuccessfulExecution"] is not None


async def test_a_changed_object_is_tried_at_once() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users", times=1)
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})
    assert (await tenant.cycle()).of("Create") == ["ann@contoso.example"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "InternalServerError"), (503, "InternalServerError"), (429, "TooManyRequests")],
)
async def test_what_the_logs_call_retried_in_40_minutes_is(status: int, code: str) -> None:
    # "How to analyze the provisioning logs", error codes.
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(status, method="POST", path="/Users", times=1)
    assert [it.code for it in (await tenant.cycle()).outcomes] == [code]
    await tenant.pass_time(minutes=40)
    assert tenant.user_names() == {"ann"}


async def test_a_request_without_an_answer_is_sent_in_the_next_cycle() -> None:
    tenant = CycleTenant()
    tenant.user("ann")

    def late(request: httpx.Request) -> None:
        if request.method == "POST":
            tenant.answers.clear()
            raise httpx.ReadTimeout("too slow")

    tenant.answers.append(late)
    report = await tenant.cycle()
    assert [(it.code, it.message) for it in report.outcomes] == [("Timeout", "POST Users: no answer in time.")]
    assert [it.status for it in tenant.sent if it.method == "POST"] == [0]
    await tenant.pass_time(minutes=40)
    assert tenant.user_names() == {"ann"}


async def test_a_switch_retries_all_failures_in_the_next_cycle() -> None:
    tenant = CycleTenant(switches=Switches(escrow_retries="each cycle"))
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users", times=1)
    await tenant.cycle()
    await tenant.pass_time(minutes=40)
    assert tenant.user_names() == {"ann"}


async def test_a_failure_is_given_up_after_28_days() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users")
    await tenant.cycle()
    tenant.entra.clock.reach(BEGINNING + timedelta(days=28) - HOUR)
    await tenant.pass_time(minutes=10)
    assert (posts(tenant), tenant.status["lastExecution"]["countEscrowed"]) == (1, 1)
    await tenant.pass_time(days=1)
    assert (posts(tenant), tenant.status["lastExecution"]["countEscrowed"]) == (1, 0)
    await tenant.pass_time(days=2)
    assert posts(tenant) == 0


async def test_a_refused_token_quarantines_at_once() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.portal.set_secret_token("revoked")
    report = await tenant.tried()

    assert report.error is not None
    status = tenant.status
    assert (status["code"], status["quarantine"]["reason"]) == ("Quarantine", "EncounteredQuarantineException")
    assert (status["lastExecution"]["state"], status["countSuccessiveCompleteFailures"]) == ("Failed", 1)
    assert status["quarantine"]["error"]["code"].startswith("SystemForCrossDomainIdentityManagement")
    assert tenant.portal.job()["schedule"]["state"] == "Active"
    assert "revoked" not in str(tenant.portal.job())


@pytest.mark.parametrize("url", ["https://localhost/nothing/", "http://localhost/scim/v1/", ""])
async def test_an_address_without_a_scim_endpoint_quarantines(url: str) -> None:
    tenant = CycleTenant()
    tenant.portal.set_tenant_url(url)
    await tenant.tried()
    assert tenant.status["quarantine"]["reason"] == "EncounteredQuarantineException"


LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (httpx.Response(200, text="<html>"), "it is not a JSON object: <html>"),
        (httpx.Response(200, json=["x"]), 'it is not a JSON object: ["x"]'),
        (httpx.Response(200, json={"Resources": []}), "not a list response"),
        (httpx.Response(200, json={"schemas": [LIST], "Resources": [{"userName": "x"}]}), "a resource has no id"),
        (httpx.Response(499, text="gone home"), "StatusCode: 499 Web Response: gone home"),
    ],
)
async def test_an_endpoint_without_scim_quarantines_with_its_answer(reply: httpx.Response, said: str) -> None:
    tenant = CycleTenant()
    tenant.answers.append(lambda _: reply)
    report = await tenant.tried()
    assert report.error is not None
    assert report.error.code == "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
    assert said in report.error.message
    assert tenant.status["quarantine"]["reason"] == "EncounteredQuarantineException"


async def test_unreadable_groups_fail_the_connection_test() -> None:
    # "Requests to fetch a random user and group" (Microsoft, "Develop and plan provisioning for a SCIM endpoint").
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(404, path="/Groups")
    report = await tenant.tried()
    assert report.error is not None
    assert "StatusCode: NotFound" in report.error.message
    assert tenant.user_names() == set()


async def test_a_400_of_the_target_has_the_code_of_the_logs() -> None:
    # 1Password/scim-examples#82.
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(400, method="POST", path="/Users")
    [outcome] = (await tenant.cycle()).outcomes
    assert outcome.code == "SystemForCrossDomainIdentityManagementBadRequest"
    assert outcome.message.startswith("StatusCode: BadRequest Web Response:")


async def test_requests_do_not_ask_for_scim_by_an_accept_header() -> None:
    # A request of Entra reached a server as one for HTML (azure-docs#94189).
    tenant = CycleTenant()
    accepted: set[str] = set()

    def note(request: httpx.Request) -> None:
        accepted.add(request.headers["Accept"])

    tenant.answers.append(note)
    tenant.user("ann")
    await tenant.cycle()
    assert accepted == {"*/*"}


async def test_a_created_user_without_an_id_is_a_failure_of_that_user() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answers.append(lambda request: httpx.Response(201, json={}) if request.method == "POST" else None)
    [outcome] = (await tenant.cycle()).outcomes
    assert outcome.code == "SystemForCrossDomainIdentityManagementServiceIncompatible"
    assert "the resource has no id" in outcome.message


async def test_a_user_who_cannot_be_read_is_not_updated() -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.update_user(ann, {"surname": "Bell"})
    tenant.answer(500, method="GET", path="/Users/")
    [outcome] = (await tenant.cycle()).outcomes
    assert (outcome.status, outcome.code, tenant.writes()) == ("Failure", "InternalServerError", [])


@pytest.mark.parametrize(
    ("status", "seen"), [(404, ("Success", "")), (403, ("Failure", "InsufficientRights"))], ids=["gone", "refused"]
)
async def test_a_deletion_succeeds_at_404_and_repeats_after_a_refusal(status: int, seen: tuple[str, str]) -> None:
    tenant = CycleTenant()
    ann = tenant.user("ann")
    await tenant.cycle()
    tenant.people.delete_user(ann)
    tenant.people.purge(ann)
    tenant.answer(status, method="DELETE", times=1)
    assert [(it.status, it.code) for it in (await tenant.cycle()).outcomes] == [seen]
    await tenant.pass_time(hours=7)
    assert (tenant.user_names() == set()) is (status != 404)  # the answer never reached the server


async def test_a_failed_disable_fails_a_user_a_refused_token_the_cycle() -> None:
    tenant = CycleTenant()
    ann, bob = tenant.user("ann"), tenant.user("bob")
    await tenant.cycle()
    for user in (ann, bob):
        tenant.people.update_user(user, {"accountEnabled": False})
    tenant.answer(409, method="PATCH", times=1)
    report = await tenant.cycle()
    assert [(it.action, it.code) for it in report.outcomes] == [("Disable", "EntryConflict"), ("Disable", "")]
    assert tenant.status["lastExecution"]["countEscrowed"] == 1

    tenant.people.update_user(ann, {"surname": "Bell"})
    tenant.answer(401, method="PATCH", times=1)
    ended = await tenant.tried()
    assert ended.error is not None
    assert (tenant.status["code"], tenant.scim_user("ann")["active"]) == ("Quarantine", True)


async def test_a_token_refused_while_members_are_sent_ends_the_cycle() -> None:
    tenant = CycleTenant()
    tenant.group("floor", tenant.user("ann"))
    tenant.answer(401, method="PATCH", path="/Groups")
    report = await tenant.tried()
    assert report.error is not None
    assert (tenant.status["code"], tenant.status["lastExecution"]["state"]) == ("Quarantine", "Failed")


async def test_a_token_revoked_during_a_cycle_ends_the_cycle() -> None:
    tenant = CycleTenant()
    for name in ("ann", "bob", "cid"):
        tenant.user(name)
    tenant.answer(401, path="bob")
    report = await tenant.tried()
    assert (report.of("Create"), tenant.status["code"]) == (["ann@contoso.example"], "Quarantine")

    tenant.answers.clear()
    tenant.portal.start()
    again = await tenant.cycle()
    assert (again.kind, sorted(tenant.user_names())) == ("initial", ["ann", "bob", "cid"])
    assert "ann@contoso.example" not in again.of("Create")


async def test_a_quarantined_job_runs_less_often_and_ends_in_4_weeks() -> None:
    tenant = CycleTenant()
    tenant.portal.set_secret_token("revoked")
    await tenant.tried()
    tries = [at(tenant.status["quarantine"]["nextAttempt"])]
    while tenant.portal.job()["schedule"]["state"] == "Active":
        due = tenant.entra.provisioning.next_run()
        assert due is not None
        await tenant.pass_time(seconds=(due - tenant.now).total_seconds())
        tries.append(at(tenant.status["quarantine"]["nextAttempt"]))

    assert [time / HOUR for time in tries[:6]] == [6, 12, 24, 48, 72, 96]
    assert tenant.now - BEGINNING == timedelta(weeks=4)
    assert tenant.portal.job()["schedule"]["state"] == "Disabled"
    assert await tenant.pass_time(days=7) == []


async def test_when_a_quarantined_job_is_first_tried_is_a_switch() -> None:
    tenant = CycleTenant(switches=Switches(first_quarantine_attempt="5 minutes"))
    tenant.portal.set_secret_token("revoked")
    await tenant.tried()
    assert at(tenant.status["quarantine"]["nextAttempt"]) == timedelta(minutes=5)


async def test_a_job_leaves_quarantine_when_the_cause_is_gone() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.portal.set_secret_token("revoked")
    await tenant.tried()
    tenant.portal.set_secret_token(tenant.entra.scim.token)
    await tenant.pass_time(hours=5)
    assert tenant.status["code"] == "Quarantine"
    await tenant.pass_time(hours=2)
    assert (tenant.status["code"], tenant.status["quarantine"], tenant.user_names()) == ("Active", None, {"ann"})
    assert tenant.status["countSuccessiveCompleteFailures"] == 0


@pytest.mark.parametrize(
    ("failing", "succeeding", "limits", "reason"),
    [
        (3, 0, Thresholds(minimum=5), None),
        (5, 1, Thresholds(minimum=5), "EncounteredEscrowProportionThreshold"),
        (5, 8, Thresholds(minimum=5), None),
        (5, 8, Thresholds(minimum=5, base=4), "EncounteredBaseEscrowThreshold"),
        (5, 8, Thresholds(minimum=5, base=4, total=4), "EncounteredTotalEscrowThreshold"),
    ],
    ids=["below the minimum", "more than 40 %", "less than 40 %", "too many", "too many in all"],
)
async def test_many_failures_quarantine(failing: int, succeeding: int, limits: Thresholds, reason: str | None) -> None:
    tenant = CycleTenant()
    tenant.entra.provisioning.thresholds = limits
    for number in range(failing + succeeding):
        tenant.user(f"u{number}")
    tenant.answer(409, method="POST", path="/Users", times=failing)
    await tenant.cycle()
    found = tenant.status["quarantine"]
    assert (found and found["reason"]) == reason
    assert len(tenant.resources()) == succeeding


@pytest.mark.parametrize(
    ("failures", "references", "successes", "reason"),
    [
        (4_000, 0, 0, None),
        (45_000, 0, 10**6, "EncounteredBaseEscrowThreshold"),
        (30_000, 0, 5_000, "EncounteredEscrowProportionThreshold"),
        (20_000, 0, 100_000, None),
        (40_000, 21_000, 10**6, "EncounteredTotalEscrowThreshold"),
        (3_000, 30_000, 0, None),
    ],
)
def test_the_thresholds_are_those_of_the_documented_examples(
    failures: int, references: int, successes: int, reason: str | None
) -> None:
    assert Thresholds().reached(failures, references, successes) == reason


async def test_an_initial_cycle_may_prune_many_failures_and_pause() -> None:
    # synchronizationStatus, escrowsPruned.
    tenant = CycleTenant(switches=Switches(initial_escrow_threshold="pruned"))
    tenant.entra.provisioning.thresholds = Thresholds(minimum=1)
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users")
    await tenant.cycle()
    assert (tenant.status["code"], tenant.status["escrowsPruned"]) == ("Paused", True)
    assert tenant.entra.provisioning.next_run() is None


# Too many deletes: "Enable accidental deletions prevention in the Microsoft Entra provisioning service"


async def many_leave(tenant: CycleTenant, threshold: int | None) -> list[str]:
    users = [tenant.user(name) for name in ("ann", "bob", "cid", "dee")]
    tenant.portal.set_deletion_threshold(threshold)
    await tenant.cycle()
    for user in users[:3]:
        tenant.people.update_user(user, {"accountEnabled": False})
    tenant.people.update_user(users[3], {"surname": "Bell"})
    return users


@pytest.mark.parametrize("threshold", [3, None], ids=["at the threshold", "without"])
async def test_deletions_up_to_the_threshold_are_done(threshold: int | None) -> None:
    tenant = CycleTenant()
    await many_leave(tenant, threshold)
    assert len((await tenant.cycle()).of("Disable")) == 3
    assert tenant.status["code"] == "Active"


async def test_more_deletions_are_staged_and_quarantine_the_job() -> None:
    tenant = CycleTenant()
    await many_leave(tenant, 2)
    report = await tenant.cycle()

    assert (len(report.of("StagedDelete")), report.of("Update")) == (3, ["dee@contoso.example"])
    assert [user["active"] for user in tenant.resources()] == [True] * 4
    assert (tenant.status["code"], tenant.status["quarantine"]["reason"]) == ("Quarantine", "TooManyDeletes")
    assert tenant.entra.provisioning.next_run() == tenant.now + 6 * HOUR


async def test_allowing_the_deletes_does_them_once() -> None:
    tenant = CycleTenant()
    users = await many_leave(tenant, 2)
    await tenant.cycle()
    tenant.portal.allow_deletes()
    assert tenant.entra.provisioning.next_run() == tenant.now
    assert len((await tenant.cycle()).of("Disable")) == 3
    assert (tenant.status["code"], tenant.status["quarantine"]) == ("Active", None)

    for user in users[:3]:
        tenant.people.update_user(user, {"accountEnabled": True})
    await tenant.cycle()
    for user in users[:3]:
        tenant.people.update_user(user, {"accountEnabled": False})
    await tenant.cycle()
    assert tenant.status["quarantine"]["reason"] == "TooManyDeletes"


async def test_a_restart_after_an_undo_rejects_the_held_deletes() -> None:
    tenant = CycleTenant()
    users = await many_leave(tenant, 2)
    await tenant.cycle()
    for user in users[:3]:
        tenant.people.update_user(user, {"accountEnabled": True})
    tenant.portal.restart()
    report = await tenant.cycle()
    assert (report.kind, report.outcomes, tenant.status["code"]) == ("initial", [], "Active")


# Restarts: Microsoft Graph, synchronizationJob: restart


async def restarted(tenant: CycleTenant, scope: str) -> None:
    owner = ("servicePrincipals", tenant.principal)
    tenant.portal._synchronization.restart(owner, tenant.job, scope)


async def test_a_restart_runs_an_initial_cycle_and_keeps_the_links() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    await tenant.cycle()
    tenant.portal.restart()
    assert tenant.entra.provisioning.next_run() == tenant.now
    report = await tenant.cycle()
    assert (report.kind, tenant.writes()) == ("initial", [])
    assert [it.path for it in tenant.sent] == [f"Users/{tenant.scim_user('ann')['id']}"]


@pytest.mark.parametrize("scope", ["Full", "ConnectorDataStore, Watermark"])
async def test_a_full_restart_breaks_the_links(scope: str) -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    await tenant.cycle()
    await restarted(tenant, scope)
    report = await tenant.cycle()
    assert report.kind == "initial"
    assert [it.path for it in tenant.sent] == ['Users?filter=userName eq "ann@contoso.example"']
    assert [entry["value"] for entry in tenant.status["synchronizedEntryCountByType"]] == [1]


@pytest.mark.parametrize(("scope", "kind", "escrowed"), [("Escrows", "incremental", 0), ("Watermark", "initial", 0),
                                                         ("QuarantineState", "incremental", 1)])  # fmt: skip
async def test_a_restart_forgets_what_its_scopes_name(scope: str, kind: str, escrowed: int) -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    tenant.answer(409, method="POST", path="/Users", times=1)
    await tenant.cycle()
    await restarted(tenant, scope)
    report = await tenant.cycle()
    assert (report.kind, tenant.status["lastExecution"]["countEscrowed"]) == (kind, escrowed)
    assert (tenant.user_names() == {"ann"}) is (kind == "initial")


async def test_changed_mappings_start_an_initial_cycle() -> None:
    tenant = CycleTenant()
    tenant.user("ann", companyName="Contoso")
    await tenant.cycle()
    tenant.portal.add_user_mapping("nickName", "[companyName]")
    report = await tenant.cycle()
    assert (report.kind, tenant.operations()) == ("initial", [{"op": "Add", "path": "nickName", "value": "Contoso"}])


async def test_a_schema_that_cannot_be_used_quarantines() -> None:
    tenant = CycleTenant(switches=Switches(schema_checks_attributes=False))
    tenant.portal.add_user_mapping("not a path", "[companyName]")
    await tenant.tried()
    assert tenant.status["quarantine"]["error"]["code"] == "SchemaInvalid"


async def test_a_token_in_an_answer_does_not_reach_the_status() -> None:
    tenant = CycleTenant()
    tenant.user("ann")
    token = tenant.entra.scim.token

    def echo(request: httpx.Request) -> httpx.Response | None:
        # Where the text is cut for the status, the token is cut as well.
        return httpx.Response(401, text=f"{'x' * 490} {token}") if "POST" in request.method else None

    tenant.answers.append(echo)
    report = await tenant.tried()
    assert report.error is not None
    assert token[:5] not in report.error.message
    assert token[:5] not in str(tenant.portal.job())


@pytest.mark.parametrize("token", ["line\nbreak", "tokén"])
async def test_a_token_that_cannot_be_sent_is_not_told(token: str) -> None:
    tenant = CycleTenant()
    tenant.portal.set_secret_token(token)
    await tenant.tried()
    assert tenant.status["quarantine"]["reason"] == "EncounteredQuarantineException"
    assert token[:4] not in tenant.status["quarantine"]["error"]["message"]


def broken(request: httpx.Request) -> httpx.Response | None:
    """A defect: nothing that an endpoint answers raises this."""
    if request.method == "POST" and b"bob" in request.content:
        raise ZeroDivisionError("secret-value")
    return None


async def test_a_defect_at_an_object_fails_this_object_alone() -> None:
    tenant = CycleTenant()
    for name in ("ann", "bob", "cid"):
        tenant.user(name)
    tenant.answers.append(broken)
    report = await tenant.cycle()
    assert tenant.user_names() == {"ann", "cid"}
    assert report.failures == 1
    [failed] = [it for it in report.outcomes if it.status == "Failure"]
    assert (failed.label, failed.code) == ("bob@contoso.example", "InternalError")
    assert "ZeroDivisionError at " in failed.message
    assert "secret-value" not in failed.message
    assert tenant.status["lastExecution"]["state"] == "EntryLevelErrors"


async def test_a_defect_that_ends_a_cycle_shows_in_the_status() -> None:
    tenant = CycleTenant()
    tenant.user("ann")

    def at_the_test(request: httpx.Request) -> httpx.Response | None:
        raise ZeroDivisionError

    tenant.answers.append(at_the_test)
    report = await tenant.tried()
    assert report.error is not None
    assert tenant.status["quarantine"]["error"]["code"] == "InternalError"
    assert tenant.status["lastExecution"]["state"] == "Failed"
    shown = status_report(REF, Job.of(tenant.portal.job()), tenant.now)
    assert (shown.health, shown.exit_code) == ("quarantine", 3)
    assert "InternalError: This is a defect of the local Entra: ZeroDivisionError at " in plain(shown)
    tenant.answers.clear()
    tenant.portal.restart()
    await tenant.cycle()
    assert tenant.user_names() == {"ann"}


@pytest.mark.parametrize(
    ("source", "sent"),
    [
        ('CDate("2020-03-16")', "3/16/2020 12:00:00 AM"),
        ("Now()", "3/2/2026 8:00:00 AM"),
        ("IsPresent([mail])", "True"),
        ("Len([givenName])", "3"),
    ],
)
async def test_a_result_other_than_text_arrives_as_microsoft_prints_it(source: str, sent: str) -> None:
    tenant = CycleTenant()
    tenant.portal.set_user_source("title", source)
    tenant.user("ann")
    await tenant.cycle()
    assert tenant.scim_user("ann")["title"] == sent
