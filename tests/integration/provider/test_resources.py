"""The three resources against a local Entra over HTTPS, with each value of each undocumented switch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import (
    ConflictError,
    ForbiddenError,
    LoginError,
    NotFoundError,
    ReplyError,
    RequestRefusedError,
    UnreachableError,
)
from eptura_scim.graph.synchronization import Synchronization
from eptura_scim.local_entra import Fault, LocalEntra, Switches
from eptura_scim.mapping import AttributeMapping, mappings_of
from eptura_scim.plugin_sdk.errors import InvalidIdError, ResourceError
from eptura_scim.plugin_sdk.messages import Messages, set_current_urn
from eptura_scim.plugin_sdk.validation import check, dump
from eptura_scim.provider.base import parse_id
from eptura_scim.provider.job_state import JobStateInputs
from eptura_scim.provider.secrets import SecretsInputs
from tests.integration.provider.conftest import DOCUMENTED, URN, Desk

EITHER_WAY = [
    Switches(),
    Switches(secrets_put="merge", secrets_put_masked="kept", state_after_pause="Disabled"),
    Switches(fresh_job_code="NotConfigured", validate_failure="invalid_credentials", restart_of_paused="starts"),
    Switches(schema_expression_only="accepted", schema_stale_version="refused", group_mapping_enabled=True),
    Switches(schema_checks_attributes=False, start_without_credentials="refused"),
]


@pytest.fixture(params=EITHER_WAY, ids=lambda switches: "-".join(str(v) for v in switches.model_dump().values()))
def entra(request: pytest.FixtureRequest) -> Iterator[LocalEntra]:
    with LocalEntra.start(switches=request.param) as started:
        yield started


@pytest.fixture
async def desk(entra: LocalEntra) -> AsyncIterator[Desk]:
    client = await connect(entra.environment)
    yield Desk(entra, client)
    await client.close()


WITH_PHONES = documented.mappings(phone_work="e164", phone_mobile="rfc3966", group_matching="externalIdOnly")


async def test_a_life_of_all_three_converges_whatever_nobody_documents(desk: Desk) -> None:
    assert (await desk.secrets.create(URN, desk.secrets_inputs())).id == desk.id
    assert (await desk.schema.create("", desk.schema_inputs(DOCUMENTED))).id == desk.id
    assert (await desk.state.create("", desk.state_inputs("On"))).id == desk.id

    live = await desk.secrets.read(desk.id, {})
    assert live is not None
    assert live[0].tenant_url == desk.entra.scim.url
    assert (live[0].scope, live[0].notification_email, live[0].accidental_deletion_threshold) == ("all", None, None)
    read = await desk.schema.read(desk.id, {})
    assert read is not None
    assert dump(read[0]) == dump(desk.schema_inputs(DOCUMENTED))
    state = await desk.state.read(desk.id, {})
    assert state is not None
    assert state[0].provisioning_status == "On"

    await desk.secrets.update(URN, desk.id, {}, desk.secrets_inputs(scope="assigned", accidentalDeletionThreshold=7))
    assert desk.portal.job()["schedule"]["state"] != "Active"
    await desk.schema.update("", desk.id, {}, desk.schema_inputs(WITH_PHONES))
    await desk.state.update("", desk.id, {}, desk.state_inputs("Off"))
    live = await desk.secrets.read(desk.id, {})
    assert live is not None
    assert (live[0].scope, live[0].accidental_deletion_threshold) == ("assigned", 7)
    assert mappings_of(desk.portal.schema()) == WITH_PHONES
    state = await desk.state.read(desk.id, {})
    assert state is not None
    assert state[0].provisioning_status == "Off"

    await desk.state.delete(desk.id, {})
    await desk.schema.delete(desk.id, {})
    await desk.secrets.delete(desk.id, {})
    assert "SecretToken" not in desk.portal.secrets()
    assert mappings_of(desk.portal.schema()) == WITH_PHONES


async def test_a_refused_token_saves_nothing_and_is_not_repeated_in_the_error(desk: Desk) -> None:
    with pytest.raises(ResourceError, match="nothing was saved") as caught:
        await desk.secrets.create(URN, desk.secrets_inputs("wrong-token-7f"))
    assert "wrong-token-7f" not in str(caught.value)
    assert desk.portal.secrets() == {}


async def test_secrets_that_others_set_survive(desk: Desk) -> None:
    await desk.api.put_secrets(parse_id(desk.id).service_principal, {"AuthenticationType": "BearerToken"})
    await desk.secrets.create(URN, desk.secrets_inputs())
    assert desk.portal.secrets()["AuthenticationType"] == "BearerToken"


async def test_notification_settings_that_we_do_not_manage_survive(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.api.put_secrets(
        parse_id(desk.id).service_principal,
        {"SyncNotificationSettings": '{"HumanResourcesLookaheadQueryEnabled":false,"Enabled":true}'},
    )
    await desk.secrets.create(URN, desk.secrets_inputs())
    assert desk.portal.secrets()["SyncNotificationSettings"] == (
        '{"HumanResourcesLookaheadQueryEnabled":false,"Enabled":false,"Recipients":"","DeleteThresholdEnabled":false}'
    )


async def test_a_tenant_url_that_graph_masks_is_taken_for_the_known_one(usual_desk: Desk) -> None:
    desk = usual_desk
    masked = desk.api.secrets

    async def mask_all(service_principal: Any) -> dict[str, str]:
        found = await masked(service_principal)
        return {**found, **({"BaseAddress": "*"} if "BaseAddress" in found else {})}

    desk.api.secrets = mask_all  # type: ignore[method-assign]  # whether Graph shows it is undocumented
    wanted = desk.secrets_inputs()
    await desk.secrets.create(URN, wanted)
    live = await desk.secrets.read(desk.id, dump(wanted))
    assert live is not None
    assert live[0].tenant_url == desk.entra.scim.url


async def test_a_job_in_quarantine_is_read_as_such_and_started_again(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision()
    desk.portal.set_secret_token("")
    await desk.entra.provisioning.run_cycle()
    live = await desk.state.read(desk.id, {})
    assert live is not None
    assert dump(live[0])["provisioningStatus"] == "Quarantine"
    desk.entra.calls.clear()
    await desk.state.update("", desk.id, {}, desk.state_inputs("On"))
    assert [call.action for call in desk.entra.calls.writes()] == ["start"]


async def test_a_status_or_scope_that_only_entra_has_cannot_be_declared(usual_desk: Desk) -> None:
    where = usual_desk.where
    assert [f.path for f in check(JobStateInputs, {**where, "provisioningStatus": "Quarantine"}).failures] == [
        "provisioningStatus"
    ]
    assert "scope" in {f.path for f in check(SecretsInputs, {**where, "scope": "unknown"}).failures}


@pytest.mark.parametrize("text", ["", "not json", "[]", '"x"'])
async def test_notification_settings_that_cannot_be_read_count_as_none(usual_desk: Desk, text: str) -> None:
    desk = usual_desk
    await desk.api.put_secrets(
        parse_id(desk.id).service_principal, {"SyncNotificationSettings": text, "BaseAddress": "https://x"}
    )
    live = await desk.secrets.read(desk.id, {})
    assert live is not None
    assert live[0].notification_email is None


async def test_a_schema_that_is_right_already_is_not_written(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.schema.create("", desk.schema_inputs(DOCUMENTED))
    desk.portal.reformat()
    desk.entra.calls.clear()
    await desk.schema.create("", desk.schema_inputs(DOCUMENTED))
    assert desk.entra.calls.writes() == []


async def test_start_and_pause_are_called_only_where_they_change_something(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision("Off")
    await desk.state.update("", desk.id, {}, desk.state_inputs("On"))
    await desk.state.update("", desk.id, {}, desk.state_inputs("On"))
    assert [call.action for call in desk.entra.calls if call.action in {"start", "pause"}] == ["start"]


@pytest.mark.parametrize(
    ("before", "after", "status", "acts"),
    [
        ({"scope": "all"}, {"scope": "assigned"}, "On", ["pause", "secrets", "restart", "start"]),
        ({"scope": "assigned"}, {"scope": "all"}, "On", ["pause", "secrets", "restart", "start"]),
        ({}, {"skipOutOfScopeDeletions": True}, "On", ["pause", "secrets", "restart", "start"]),
        ({}, {"notificationEmail": "x@contoso.example"}, "On", ["secrets"]),
        ({"scope": "all"}, {"scope": "assigned"}, "Off", ["secrets"]),
    ],
)
async def test_a_running_job_is_paused_for_what_everybody_is_evaluated_by(
    usual_desk: Desk, before: dict[str, Any], after: dict[str, Any], status: str, acts: list[str]
) -> None:
    desk = usual_desk
    await desk.provision(status, **before)
    desk.entra.calls.clear()
    await desk.secrets.update(URN, desk.id, {}, desk.secrets_inputs(**after))
    await desk.state.update("", desk.id, {}, desk.state_inputs(status))
    assert [call.action for call in desk.entra.calls.writes()] == acts


async def test_the_next_run_restarts_what_a_cut_run_left_paused(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision(scope="assigned")
    await desk.entra.provisioning.run_cycle()
    desk.entra.faults.add(Fault(method="GET", path="/secrets$", after=1, status=400, times=9))
    with pytest.raises(RequestRefusedError):
        await desk.secrets.update(URN, desk.id, {}, desk.secrets_inputs(scope="all"))
    desk.entra.faults.clear()
    desk.new_run()
    live = await desk.state.read(desk.id, dump(desk.state_inputs("On")))
    assert live is not None
    assert live[0].provisioning_status == "Off"
    await desk.state.update("", desk.id, {}, desk.state_inputs("On"))
    assert (await desk.entra.provisioning.run_cycle()).kind == "initial"


async def test_another_tenant_url_makes_entra_forget_its_links(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision()
    made = await desk.state.create("", desk.state_inputs("On"))
    assert made.outputs == {"linkedTo": desk.entra.scim.url}
    await desk.entra.provisioning.run_cycle()
    desk.new_run()  # as after a run that ended before the restart
    desk.portal.stop()
    outputs = await desk.state.update("", desk.id, {"linkedTo": "https://test.example/"}, desk.state_inputs("On"))
    assert desk.portal.restarts() == [["Full"]]
    assert outputs == {"linkedTo": desk.entra.scim.url}


async def test_a_connection_that_fails_its_test_pauses_nothing(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.provision(scope="all")
    with pytest.raises(ResourceError, match="nothing was saved"):
        await desk.secrets.update(URN, desk.id, {}, desk.secrets_inputs("wrong-token-7f", scope="assigned"))
    assert desk.portal.job()["schedule"]["state"] == "Active"


async def test_secrets_answered_with_404_are_none_while_the_job_is_there(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.entra.faults.add(Fault(method="GET", path="/secrets$", status=404, times=1))
    await desk.secrets.create(URN, desk.secrets_inputs())
    assert desk.portal.secrets()["BaseAddress"] == desk.entra.scim.url
    assert len(desk.entra.calls.of("secrets", "GET")) == 2


async def test_secrets_stay_while_the_service_principal_has_another_job(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.secrets.create(URN, desk.secrets_inputs())
    desk.portal.create_job()
    await desk.secrets.delete(desk.id, {})
    assert desk.portal.secrets()["SecretToken"] == "*"


@pytest.mark.parametrize("status", ["On", "Off"])
async def test_deleting_the_mappings_never_gives_them_back_to_the_template(usual_desk: Desk, status: str) -> None:
    desk = usual_desk
    await desk.provision(status)
    await desk.schema.delete(desk.id, {})
    assert mappings_of(desk.portal.schema()) == DOCUMENTED


async def test_a_job_does_not_start_while_external_ids_would_be_wrong(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.secrets.create(URN, desk.secrets_inputs())
    with pytest.raises(ResourceError, match=r"externalId comes from \[mailNickname\]"):
        await desk.state.create("", desk.state_inputs("On"))
    assert desk.portal.job()["schedule"]["state"] != "Active"


@pytest.mark.parametrize("fault", [Fault(status=409, times=2), Fault(status=403, times=2), Fault(status=404, times=2)])
async def test_an_update_waits_as_long_as_a_create_for_consistency(usual_desk: Desk, fault: Fault) -> None:
    desk = usual_desk
    await desk.provision()
    for path in ("/schema$", "/pause$"):
        desk.entra.faults.add(fault.model_copy(update={"path": path}))
    await desk.schema.update("", desk.id, {}, desk.schema_inputs(WITH_PHONES))
    await desk.state.update("", desk.id, {}, desk.state_inputs("Off"))
    assert mappings_of(desk.portal.schema()) == WITH_PHONES
    assert desk.portal.job()["schedule"]["state"] != "Active"


@pytest.mark.parametrize("status", [403, 503])
async def test_a_token_that_cannot_be_tested_is_no_reason_to_fail_a_refresh(usual_desk: Desk, status: int) -> None:
    desk = usual_desk
    wanted = desk.secrets_inputs()
    await desk.secrets.create(URN, wanted)
    desk.entra.faults.add(Fault(path="/validateCredentials$", status=status, times=2, retry_after=0))
    live = await desk.secrets.read(desk.id, dump(wanted))
    assert live is not None
    assert live[0].secret_token_fingerprint == wanted.secret_token_fingerprint


NEW_OBJECT = [
    (method, path, status)
    for method, path in [
        ("GET", "/secrets$"),
        ("PUT", "/secrets$"),
        ("POST", "/validateCredentials$"),
        ("GET", "/schema$"),
        ("PUT", "/schema$"),
        ("POST", "/start$"),
    ]
    for status in (403, 404, 409)
] + [("POST", "/start$", 429)]


@pytest.mark.parametrize(("method", "path", "status"), NEW_OBJECT)
async def test_a_replica_that_does_not_know_a_new_job_yet_is_waited_for(
    usual_desk: Desk, method: str, path: str, status: int
) -> None:
    desk = usual_desk
    desk.entra.faults.add(Fault(method=method, path=path, status=status, times=2))
    await desk.secrets.create(URN, desk.secrets_inputs())
    await desk.schema.create("", desk.schema_inputs(DOCUMENTED))
    await desk.state.create("", desk.state_inputs("On"))
    assert mappings_of(desk.portal.schema()) == DOCUMENTED
    assert desk.portal.job()["schedule"]["state"] == "Active"


async def test_a_permission_that_stays_missing_is_believed_soon(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.entra.faults.add(Fault(method="PUT", path="/schema$", status=403, times=100))
    with pytest.raises(ForbiddenError):
        await desk.schema.create("", desk.schema_inputs(DOCUMENTED))
    assert len(desk.entra.calls.of("schema", "PUT")) < 20


async def test_secrets_that_nobody_can_read_are_warned_of(usual_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = usual_desk
    said: list[str] = []
    monkeypatch.setattr("eptura_scim.plugin_sdk.messages.Messages.warning", lambda _self, _urn, text: _say(said, text))
    set_current_urn(Messages(), URN)
    await desk.api.put_secrets(parse_id(desk.id).service_principal, {"Oauth2ClientSecret": "x"})
    await desk.secrets.create(URN, desk.secrets_inputs())
    assert [text.split(":")[0] for text in said] == ["Oauth2ClientSecret"]


async def _say(said: list[str], text: str) -> None:
    said.append(text)


async def test_what_is_gone_reads_as_gone_and_deletes_without_an_error(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.portal.delete_application()
    for resource in (desk.secrets, desk.schema, desk.state):
        assert await resource.read(desk.id, {}) is None
        await resource.delete(desk.id, {})


async def test_a_replica_that_is_behind_takes_nothing_out_of_the_state(usual_desk: Desk) -> None:
    desk = usual_desk
    await desk.secrets.create(URN, desk.secrets_inputs())
    for path in ("/jobs$", "/schema$", "/secrets$", f"{desk.principal}$"):
        desk.entra.faults.add(Fault(method="GET", path=path, status=404))
    for resource in (desk.secrets, desk.schema, desk.state):
        assert await resource.read(desk.id, {}) is not None
    assert await desk.name.read(desk.principal, {}) is not None
    assert not desk.entra.faults.pending()


@pytest.mark.parametrize("path", [r"/jobs/[^/]+$", "/pause$"])
async def test_a_job_is_stopped_though_a_replica_does_not_find_it(usual_desk: Desk, path: str) -> None:
    desk = usual_desk
    await desk.provision()
    desk.entra.faults.add(Fault(path=path, status=404))
    await desk.state.delete(desk.id, {})
    assert not (await desk.api.job(parse_id(desk.id))).scheduled


async def test_a_filter_is_not_judged_while_the_schema_cannot_be_read(usual_desk: Desk) -> None:
    desk = usual_desk
    wanted = dump(desk.schema_inputs(documented.mappings(user_filter='nickname EQUALS "x"')))
    old = dump(desk.schema_inputs(DOCUMENTED))
    assert [name for name, _ in await desk.schema.problems(old, wanted)] == ["userFilter"]
    desk.entra.faults.add(Fault(method="GET", path="/schema$", status=403, times=10))
    assert await desk.schema.problems(old, wanted) == []


async def test_a_target_that_entra_does_not_define_is_told_before_it_is_written(usual_desk: Desk) -> None:
    desk = usual_desk
    wanted = DOCUMENTED.model_copy(
        update={"users": {**DOCUMENTED.users, "shoeSize": AttributeMapping(source="[jobTitle]")}}
    )
    old, new = dump(desk.schema_inputs(DOCUMENTED)), dump(desk.schema_inputs(wanted))
    said = await desk.schema.change_warnings(old, new, [("users", "shoeSize")])
    assert any("users['shoeSize']: the target directory defines no attribute shoeSize" in one for one in said)
    before = desk.portal.schema()
    with pytest.raises(ResourceError, match=r"shoeSize.*mappings were not written"):
        await desk.schema.create(URN, desk.schema_inputs(wanted))
    assert desk.portal.schema() == before


@pytest.mark.parametrize("given", [{"jobId": "/servicePrincipals/.."}, {"servicePrincipalId": "."}])
def test_an_id_that_would_climb_out_of_its_path_is_refused(usual_desk: Desk, given: dict[str, str]) -> None:
    failures = check(JobStateInputs, {**usual_desk.where, **given}).failures
    assert [(failure.path, failure.reason.split(";")[0]) for failure in failures] == [(*given, "is not an id")]


def test_a_tenant_url_without_tls_is_refused(usual_desk: Desk) -> None:
    inputs = {**usual_desk.where, "tenantUrl": "http://x", "secretTokenFingerprint": "x"}
    (failure,) = check(SecretsInputs, inputs).failures
    assert (failure.path, failure.reason) == ("tenantUrl", "must begin with https://")


async def test_a_job_that_never_appears_is_an_error_in_the_end(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.portal.delete_job()
    with pytest.raises(NotFoundError):
        await desk.state.create("", desk.state_inputs("On"))


async def test_a_write_that_never_shows_is_an_error_that_says_to_run_again(usual_desk: Desk) -> None:
    desk = usual_desk
    desk.entra.faults.add(Fault(method="PUT", path="/schema$", kind="stale", times=1000))
    with pytest.raises(ReplyError, match=r"still shows something else at users.*externalId.*run again"):
        await desk.schema.create("", desk.schema_inputs(DOCUMENTED))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=403, times=9), ForbiddenError),
        (Fault(status=401, times=9), LoginError),
        (Fault(status=401, code="UnknownError", times=9), ForbiddenError),
        (Fault(status=409, times=9), ConflictError),
        (Fault(kind="truncate", times=9), (ReplyError, UnreachableError)),
    ],
)
async def test_a_failing_graph_is_a_readable_error(usual_desk: Desk, fault: Fault, error: Any) -> None:
    await usual_desk.api.secrets(parse_id(usual_desk.id).service_principal)  # the login passes
    usual_desk.entra.faults.add(fault.model_copy(update={"path": "/synchronization/"}))
    with pytest.raises(error) as caught:
        await usual_desk.schema.read(usual_desk.id, {})
    assert len(str(caught.value).splitlines()) == 1


async def test_a_missing_permission_is_named(usual_desk: Desk) -> None:
    usual_desk.entra.faults.add(Fault(path="/schema$", status=403))
    with pytest.raises(ForbiddenError, match=r"Synchronization\.ReadWrite\.All"):
        await usual_desk.schema.read(usual_desk.id, {})


async def test_a_wrong_client_secret_is_a_readable_error(usual: LocalEntra) -> None:
    client = await connect({**usual.environment, "ARM_CLIENT_SECRET": "not-this-one"})
    with pytest.raises(LoginError, match="login to Entra failed") as caught:
        await Synchronization(client).secrets(parse_id(f"{'0' * 36}/x").service_principal)
    assert "not-this-one" not in str(caught.value)
    await client.close()


async def test_an_unreachable_or_untrusted_entra_is_named(usual: LocalEntra) -> None:
    with pytest.raises(UnreachableError, match="ARM_METADATA_HOSTNAME: localhost:1 cannot be reached"):
        await connect({**usual.environment, "ARM_METADATA_HOSTNAME": "localhost:1"})
    with pytest.raises(UnreachableError, match="trusted"):
        await connect({**usual.environment, "SSL_CERT_FILE": ""})
    with pytest.raises(UnreachableError, match="SSL_CERT_FILE: /nowhere"):
        await connect({**usual.environment, "SSL_CERT_FILE": "/nowhere"})


@pytest.mark.parametrize("text", ["", "x", "a/b", f"{'0' * 36}", f"{'0' * 36}/a/b", f"{'0' * 36}/a b"])
def test_an_id_of_another_form_is_refused_with_the_right_one(text: str) -> None:
    with pytest.raises(InvalidIdError, match="SERVICE_PRINCIPAL_OBJECT_ID/JOB_ID"):
        parse_id(text)


def test_the_id_of_azureads_job_is_taken_too() -> None:
    principal = "a3a86aea-c049-4bc6-8d35-7ff8472dace9"
    assert parse_id(f"/servicePrincipals/{principal}/synchronization/jobs/scim.a.b") == parse_id(
        f"{principal}/scim.a.b"
    )
