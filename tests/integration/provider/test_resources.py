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
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import Fault, LocalEntra, Switches
from eptura_scim.mapping import AttributeMapping, mappings_of
from eptura_scim.plugin_sdk.errors import InvalidIdError, ResourceError
from eptura_scim.plugin_sdk.messages import set_current_urn
from eptura_scim.plugin_sdk.validation import check, dump
from eptura_scim.provider.application_name import ApplicationNameInputs
from eptura_scim.provider.base import parse_id
from eptura_scim.provider.job_state import JobStateInputs
from eptura_scim.provider.secrets import SecretsInputs
from eptura_scim.provider.synchronization_job import SynchronizationJobInputs
from tests.integration.provider.conftest import DOCUMENTED, URN, ProviderFixture, RecordedMessages

SWITCH_SETS = [
    Switches(),
    Switches(secrets_put="merge", secrets_put_masked="kept", state_after_pause="Disabled"),
    Switches(fresh_job_code="NotConfigured", validate_failure="invalid_credentials", restart_of_paused="starts"),
    Switches(schema_expression_only="accepted", schema_stale_version="refused", group_mapping_enabled=True),
    Switches(schema_checks_attributes=False, start_without_credentials="refused"),
]


@pytest.fixture(params=SWITCH_SETS, ids=lambda switches: "-".join(str(v) for v in switches.model_dump().values()))
def entra(request: pytest.FixtureRequest) -> Iterator[LocalEntra]:
    with LocalEntra.start(switches=request.param) as started:
        yield started


@pytest.fixture
async def provider(entra: LocalEntra) -> AsyncIterator[ProviderFixture]:
    client = await connect(entra.environment)
    yield ProviderFixture(entra, client)
    await client.close()


WITH_PHONES = documented.mappings(phone_work="e164", phone_mobile="rfc3966", group_matching="externalIdOnly")


async def test_a_life_of_all_three_converges_with_every_switch(provider: ProviderFixture) -> None:
    assert (await provider.secrets.create(URN, provider.secrets_inputs())).id == provider.id
    assert (await provider.schema.create("", provider.schema_inputs(DOCUMENTED))).id == provider.id
    assert (await provider.state.create("", provider.state_inputs("On"))).id == provider.id

    live = await provider.secrets.read(provider.id, {})
    assert live is not None
    assert live[0].tenant_url == provider.entra.scim.url
    assert (live[0].scope, live[0].notification_email, live[0].accidental_deletion_threshold) == ("all", None, None)
    read = await provider.schema.read(provider.id, {})
    assert read is not None
    assert dump(read[0]) == dump(provider.schema_inputs(DOCUMENTED))
    state = await provider.state.read(provider.id, {})
    assert state is not None
    assert state[0].provisioning_status == "On"

    await provider.secrets.update(
        URN, provider.id, {}, provider.secrets_inputs(scope="assigned", accidentalDeletionThreshold=7)
    )
    assert provider.portal.job()["schedule"]["state"] != "Active"
    await provider.schema.update("", provider.id, {}, provider.schema_inputs(WITH_PHONES))
    await provider.state.update("", provider.id, {}, provider.state_inputs("Off"))
    live = await provider.secrets.read(provider.id, {})
    assert live is not None
    assert (live[0].scope, live[0].accidental_deletion_threshold) == ("assigned", 7)
    assert mappings_of(provider.portal.schema()) == WITH_PHONES
    state = await provider.state.read(provider.id, {})
    assert state is not None
    assert state[0].provisioning_status == "Off"

    await provider.state.delete(provider.id, {})
    await provider.schema.delete(provider.id, {})
    await provider.secrets.delete(provider.id, {})
    assert "SecretToken" not in provider.portal.secrets()
    assert mappings_of(provider.portal.schema()) == WITH_PHONES


async def test_a_refused_token_is_neither_saved_nor_shown(provider: ProviderFixture) -> None:
    with pytest.raises(ResourceError, match="nothing was saved") as caught:
        await provider.secrets.create(URN, provider.secrets_inputs("wrong-token-7f"))
    assert "wrong-token-7f" not in str(caught.value)
    assert provider.portal.secrets() == {}


async def test_secrets_that_others_set_survive(provider: ProviderFixture) -> None:
    await provider.api.put_secrets(parse_id(provider.id).service_principal, {"AuthenticationType": "BearerToken"})
    await provider.secrets.create(URN, provider.secrets_inputs())
    assert provider.portal.secrets()["AuthenticationType"] == "BearerToken"


async def test_notification_settings_that_we_do_not_manage_survive(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.api.put_secrets(
        parse_id(provider.id).service_principal,
        {"SyncNotificationSettings": '{"HumanResourcesLookaheadQueryEnabled":false,"Enabled":true}'},
    )
    await provider.secrets.create(URN, provider.secrets_inputs())
    assert provider.portal.secrets()["SyncNotificationSettings"] == (
        '{"HumanResourcesLookaheadQueryEnabled":false,"Enabled":false,"Recipients":"","DeleteThresholdEnabled":false}'
    )


async def test_a_masked_tenant_url_counts_as_the_known_tenant_url(default_provider: ProviderFixture) -> None:
    provider = default_provider
    masked = provider.api.secrets

    async def mask_all(service_principal: Any) -> dict[str, str]:
        found = await masked(service_principal)
        return {**found, **({"BaseAddress": "*"} if "BaseAddress" in found else {})}

    provider.api.secrets = mask_all  # type: ignore[method-assign]  # whether Graph shows it is undocumented
    wanted = provider.secrets_inputs()
    await provider.secrets.create(URN, wanted)
    live = await provider.secrets.read(provider.id, dump(wanted))
    assert live is not None
    assert live[0].tenant_url == provider.entra.scim.url


async def test_a_quarantined_job_is_read_and_started_again(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision()
    provider.portal.set_secret_token("")
    await provider.entra.provisioning.run_cycle()
    provider.new_run()
    live = await provider.state.read(provider.id, {})
    assert live is not None
    assert dump(live[0])["provisioningStatus"] == "Quarantine"
    provider.entra.calls.clear()
    await provider.state.update("", provider.id, {}, provider.state_inputs("On"))
    assert [call.action for call in provider.entra.calls.writes()] == ["start"]


async def test_a_status_or_scope_only_of_entra_cannot_be_declared(default_provider: ProviderFixture) -> None:
    where = default_provider.where
    assert [f.path for f in check(JobStateInputs, {**where, "provisioningStatus": "Quarantine"}).failures] == [
        "provisioningStatus"
    ]
    assert "scope" in {f.path for f in check(SecretsInputs, {**where, "scope": "unknown"}).failures}


@pytest.mark.parametrize("text", ["", "not json", "[]", '"x"'])
async def test_notification_settings_that_cannot_be_read_count_as_none(
    default_provider: ProviderFixture, text: str
) -> None:
    provider = default_provider
    await provider.api.put_secrets(
        parse_id(provider.id).service_principal, {"SyncNotificationSettings": text, "BaseAddress": "https://x"}
    )
    live = await provider.secrets.read(provider.id, {})
    assert live is not None
    assert live[0].notification_email is None


async def test_a_schema_that_is_right_already_is_not_written(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    provider.portal.reformat()
    provider.entra.calls.clear()
    await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    assert provider.entra.calls.writes() == []


async def test_start_and_pause_are_sent_only_for_a_change(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision("Off")
    await provider.state.update("", provider.id, {}, provider.state_inputs("On"))
    await provider.state.update("", provider.id, {}, provider.state_inputs("On"))
    assert [call.action for call in provider.entra.calls if call.action in {"start", "pause"}] == ["start"]


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
async def test_a_running_job_is_paused_for_a_change_of_its_connection(
    default_provider: ProviderFixture, before: dict[str, Any], after: dict[str, Any], status: str, acts: list[str]
) -> None:
    provider = default_provider
    await provider.provision(status, **before)
    provider.entra.calls.clear()
    await provider.secrets.update(URN, provider.id, {}, provider.secrets_inputs(**after))
    await provider.state.update("", provider.id, {}, provider.state_inputs(status))
    assert [call.action for call in provider.entra.calls.writes()] == acts


async def test_the_next_run_restarts_what_a_cut_run_left_paused(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision(scope="assigned")
    await provider.entra.provisioning.run_cycle()
    provider.entra.faults.add(Fault(method="GET", path="/secrets$", after=1, status=400, times=9))
    with pytest.raises(RequestRefusedError):
        await provider.secrets.update(URN, provider.id, {}, provider.secrets_inputs(scope="all"))
    provider.entra.faults.clear()
    provider.new_run()
    live = await provider.state.read(provider.id, dump(provider.state_inputs("On")))
    assert live is not None
    assert live[0].provisioning_status == "Off"
    await provider.state.update("", provider.id, {}, provider.state_inputs("On"))
    assert (await provider.entra.provisioning.run_cycle()).kind == "initial"


async def test_another_tenant_url_makes_entra_forget_its_links(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision()
    made = await provider.state.create("", provider.state_inputs("On"))
    assert made.outputs == {"linkedTo": provider.entra.scim.url}
    await provider.entra.provisioning.run_cycle()
    provider.new_run()  # as after a run that ended before the restart
    provider.portal.stop()
    outputs = await provider.state.update(
        "", provider.id, {"linkedTo": "https://test.example/"}, provider.state_inputs("On")
    )
    assert provider.portal.restarts() == [["Full"]]
    assert outputs == {"linkedTo": provider.entra.scim.url}


async def test_a_connection_that_fails_its_test_pauses_nothing(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision(scope="all")
    with pytest.raises(ResourceError, match="nothing was saved"):
        await provider.secrets.update(URN, provider.id, {}, provider.secrets_inputs("wrong-token-7f", scope="assigned"))
    assert provider.portal.job()["schedule"]["state"] == "Active"


async def test_secrets_answered_with_404_are_unset_if_the_job_exists(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.entra.faults.add(Fault(method="GET", path="/secrets$", status=404, times=2))
    await provider.secrets.create(URN, provider.secrets_inputs())
    assert provider.portal.secrets()["BaseAddress"] == provider.entra.scim.url
    assert len(provider.entra.calls.of("secrets", "GET")) == 3


async def test_an_import_reads_a_connection_again_that_is_not_found(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision(scope="all")
    provider.entra.faults.add(Fault(method="GET", path="/secrets$", status=404, times=1))
    secrets = await provider.secrets.read(provider.id, {})
    assert secrets is not None
    assert secrets[0].tenant_url == provider.entra.scim.url
    await provider.state.create("", provider.state_inputs("On"))
    provider.entra.faults.add(Fault(method="GET", path="/secrets$", status=404, times=1))
    state = await provider.state.read(provider.id, {})
    assert state is not None
    assert state[1] == {"linkedTo": provider.entra.scim.url}


async def test_secrets_stay_while_the_application_has_another_job(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.secrets.create(URN, provider.secrets_inputs())
    provider.portal.create_job()
    await provider.secrets.delete(provider.id, {})
    assert provider.portal.secrets()["SecretToken"] == "*"


@pytest.mark.parametrize("status", ["On", "Off"])
async def test_deleted_mappings_are_not_reset_to_the_template(default_provider: ProviderFixture, status: str) -> None:
    provider = default_provider
    await provider.provision(status)
    await provider.schema.delete(provider.id, {})
    assert mappings_of(provider.portal.schema()) == DOCUMENTED


async def test_a_job_does_not_start_while_external_ids_would_be_wrong(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.secrets.create(URN, provider.secrets_inputs())
    with pytest.raises(ResourceError, match=r"externalId comes from \[mailNickname\]"):
        await provider.state.create("", provider.state_inputs("On"))
    assert provider.portal.job()["schedule"]["state"] != "Active"


async def test_a_running_job_gets_no_mappings_with_another_external_id(default_provider: ProviderFixture) -> None:
    provider = default_provider
    names = {"displayName": "Ann Abel", "givenName": "Ann", "surname": "Abel", "mail": "ann@contoso.example"}
    ann = provider.portal.people.add_user("ann@contoso.example", **names)
    await provider.provision()
    wrong = DOCUMENTED.model_copy(
        update={"users": {**DOCUMENTED.users, "externalId": AttributeMapping(source="[mailNickname]")}}
    )
    with pytest.raises(ResourceError, match=r"externalId comes from \[mailNickname\].* the mappings were not written"):
        await provider.schema.update("", provider.id, {}, provider.schema_inputs(wrong))
    await provider.entra.provisioning.run_cycle()
    assert [user["externalId"] for user in provider.entra.scim.resources()] == [ann]

    await provider.state.update("", provider.id, {}, provider.state_inputs("Off"))
    await provider.schema.update("", provider.id, {}, provider.schema_inputs(wrong))
    with pytest.raises(ResourceError, match="was not started"):
        await provider.state.update("", provider.id, {}, provider.state_inputs("On"))


async def test_secrets_of_a_job_that_is_gone_stay_for_its_successor(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.secrets.create(URN, provider.secrets_inputs())
    provider.portal.delete_job()
    provider.entra.faults.add(Fault(method="POST", path="/jobs$", kind="lag", times=9))
    await provider.api.create_job(parse_id(provider.id).service_principal, "scim")
    await provider.secrets.delete(provider.id, {})
    assert provider.portal.secrets()["SecretToken"] == "*"


@pytest.mark.parametrize("fault", [Fault(status=409, times=2), Fault(status=403, times=2), Fault(status=404, times=2)])
async def test_an_update_waits_as_long_as_a_create_for_consistency(
    default_provider: ProviderFixture, fault: Fault
) -> None:
    provider = default_provider
    await provider.provision()
    for path in ("/schema$", "/pause$"):
        provider.entra.faults.add(fault.model_copy(update={"path": path}))
    await provider.schema.update("", provider.id, {}, provider.schema_inputs(WITH_PHONES))
    await provider.state.update("", provider.id, {}, provider.state_inputs("Off"))
    assert mappings_of(provider.portal.schema()) == WITH_PHONES
    assert provider.portal.job()["schedule"]["state"] != "Active"


@pytest.mark.parametrize("status", [403, 404, 409])
async def test_a_new_name_waits_for_consistency(default_provider: ProviderFixture, status: int) -> None:
    provider = default_provider
    provider.entra.faults.add(Fault(method="PATCH", path=f"{provider.principal}$", status=status, times=2))
    wanted = ApplicationNameInputs(service_principal_id=provider.principal, display_name="Eptura Workplace")
    await provider.name.update("", provider.principal, {}, wanted)
    assert provider.portal.service_principal()["displayName"] == "Eptura Workplace"


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("status", [403, 409])
async def test_a_deletion_of_the_connection_waits_for_consistency(
    default_provider: ProviderFixture, method: str, status: int
) -> None:
    provider = default_provider
    await provider.provision("Off")
    provider.entra.faults.add(Fault(method=method, path="/secrets$", status=status, times=2))
    await provider.secrets.delete(provider.id, {})
    assert "SecretToken" not in provider.portal.secrets()


@pytest.mark.parametrize("status", [403, 503])
async def test_a_token_that_cannot_be_tested_does_not_fail_a_refresh(
    default_provider: ProviderFixture, status: int
) -> None:
    provider = default_provider
    wanted = provider.secrets_inputs()
    await provider.secrets.create(URN, wanted)
    provider.entra.faults.add(Fault(path="/validateCredentials$", status=status, times=2, retry_after=0))
    live = await provider.secrets.read(provider.id, dump(wanted))
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
async def test_a_create_waits_for_replicas_without_the_new_job(
    default_provider: ProviderFixture, method: str, path: str, status: int
) -> None:
    provider = default_provider
    provider.entra.faults.add(Fault(method=method, path=path, status=status, times=2))
    await provider.secrets.create(URN, provider.secrets_inputs())
    await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    await provider.state.create("", provider.state_inputs("On"))
    assert mappings_of(provider.portal.schema()) == DOCUMENTED
    assert provider.portal.job()["schedule"]["state"] == "Active"


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(("method", "path"), [("GET", "/jobs$"), ("POST", "/jobs$"), ("GET", "/jobs/[^/]+$")])
async def test_a_job_is_made_once_though_replicas_are_behind(
    default_provider: ProviderFixture, method: str, path: str, status: int
) -> None:
    provider = default_provider
    provider.portal.delete_job()
    provider.entra.faults.add(Fault(method=method, path=path, status=status, times=2))
    made = await provider.synchronization_job.create(
        "", SynchronizationJobInputs(service_principal_id=provider.principal)
    )
    assert provider.portal.jobs() == [parse_id(made.id).job]


async def test_a_permission_that_stays_missing_is_believed_soon(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.entra.faults.add(Fault(method="PUT", path="/schema$", status=403, times=100))
    with pytest.raises(ForbiddenError):
        await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    assert len(provider.entra.calls.of("schema", "PUT")) < 20


async def test_unreadable_secrets_are_warned_of(
    default_provider: ProviderFixture,
) -> None:
    provider, messages = default_provider, RecordedMessages()
    set_current_urn(messages, URN)
    await provider.api.put_secrets(parse_id(provider.id).service_principal, {"Oauth2ClientSecret": "x"})
    await provider.secrets.create(URN, provider.secrets_inputs())
    assert [text.split(":")[0] for text in messages.warnings] == ["Oauth2ClientSecret"]


async def test_what_is_gone_reads_as_gone_and_deletes_without_an_error(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.portal.delete_application()
    for resource in (provider.secrets, provider.schema, provider.state):
        assert await resource.read(provider.id, {}) is None
        await resource.delete(provider.id, {})


async def test_a_replica_that_is_behind_takes_nothing_out_of_the_state(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.secrets.create(URN, provider.secrets_inputs())
    for path in ("/jobs$", "/schema$", "/secrets$", f"{provider.principal}$"):
        provider.entra.faults.add(Fault(method="GET", path=path, status=404))
    for resource in (provider.secrets, provider.schema, provider.state):
        assert await resource.read(provider.id, {}) is not None
    assert await provider.name.read(provider.principal, {}) is not None
    assert not provider.entra.faults.pending()


@pytest.mark.parametrize("path", [r"/jobs/[^/]+$", "/pause$"])
async def test_a_job_is_stopped_though_a_replica_misses_the_job(default_provider: ProviderFixture, path: str) -> None:
    provider = default_provider
    await provider.provision()
    provider.entra.faults.add(Fault(path=path, status=404))
    await provider.state.delete(provider.id, {})
    assert not (await provider.api.job(parse_id(provider.id))).scheduled


async def test_a_filter_is_not_judged_while_the_schema_cannot_be_read(default_provider: ProviderFixture) -> None:
    provider = default_provider
    wanted = dump(provider.schema_inputs(documented.mappings(user_filter='nickname EQUALS "x"')))
    old = dump(provider.schema_inputs(DOCUMENTED))
    assert [name for name, _ in await provider.schema.problems("", old, wanted)] == ["userFilter"]
    provider.entra.faults.add(Fault(method="GET", path="/schema$", status=403, times=10))
    assert await provider.schema.problems("", old, wanted) == []


async def test_a_target_unknown_to_entra_is_named_before_the_write(
    default_provider: ProviderFixture,
) -> None:
    provider = default_provider
    wanted = DOCUMENTED.model_copy(
        update={"users": {**DOCUMENTED.users, "shoeSize": AttributeMapping(source="[jobTitle]")}}
    )
    old, new = dump(provider.schema_inputs(DOCUMENTED)), dump(provider.schema_inputs(wanted))
    said = await provider.schema.change_warnings(old, new, [("users", "shoeSize")])
    assert any("users['shoeSize']: the target directory defines no attribute shoeSize" in one for one in said)
    before = provider.portal.schema()
    with pytest.raises(ResourceError, match=r"shoeSize.*mappings were not written"):
        await provider.schema.create(URN, provider.schema_inputs(wanted))
    assert provider.portal.schema() == before


@pytest.mark.parametrize("given", [{"jobId": "/servicePrincipals/.."}, {"servicePrincipalId": "."}])
def test_an_id_that_would_climb_out_of_its_path_is_refused(
    default_provider: ProviderFixture, given: dict[str, str]
) -> None:
    failures = check(JobStateInputs, {**default_provider.where, **given}).failures
    assert [(failure.path, failure.reason.split(";")[0]) for failure in failures] == [(*given, "is not an id")]


def test_a_tenant_url_without_tls_is_refused(default_provider: ProviderFixture) -> None:
    inputs = {**default_provider.where, "tenantUrl": "http://x", "secretTokenFingerprint": "x"}
    (failure,) = check(SecretsInputs, inputs).failures
    assert (failure.path, failure.reason) == (
        "tenantUrl",
        "is http: Entra sends the token over https alone: it must read https://<your Eptura SCIM domain>/scim/v1/",
    )


async def test_a_job_that_never_appears_is_an_error_in_the_end(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.portal.delete_job()
    with pytest.raises(NotFoundError):
        await provider.state.create("", provider.state_inputs("On"))


async def test_a_write_that_never_shows_says_to_run_again(default_provider: ProviderFixture) -> None:
    provider = default_provider
    provider.entra.faults.add(Fault(method="PUT", path="/schema$", kind="stale", times=1000))
    with pytest.raises(ReplyError, match=r"still shows something else at users.*externalId.*run again"):
        await provider.schema.create("", provider.schema_inputs(DOCUMENTED))


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
async def test_a_failing_graph_is_a_readable_error(default_provider: ProviderFixture, fault: Fault, error: Any) -> None:
    await default_provider.api.secrets(parse_id(default_provider.id).service_principal)  # the login passes
    default_provider.entra.faults.add(fault.model_copy(update={"path": "/synchronization/"}))
    with pytest.raises(error) as caught:
        await default_provider.schema.read(default_provider.id, {})
    assert len(str(caught.value).splitlines()) == 1


async def test_a_missing_permission_is_named(default_provider: ProviderFixture) -> None:
    default_provider.entra.faults.add(Fault(path="/schema$", status=403))
    with pytest.raises(ForbiddenError, match=r"Synchronization\.ReadWrite\.All"):
        await default_provider.schema.read(default_provider.id, {})


async def test_a_wrong_client_secret_is_a_readable_error(usual: LocalEntra) -> None:
    client = await connect({**usual.environment, "ARM_CLIENT_SECRET": "not-this-one"})
    with pytest.raises(LoginError, match="login to Entra failed") as caught:
        await SynchronizationClient(client).secrets(parse_id(f"{'0' * 36}/x").service_principal)
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


async def test_an_import_tests_the_saved_connection(default_provider: ProviderFixture) -> None:
    provider = default_provider
    await provider.provision()
    provider.entra.calls.clear()
    imported = await provider.secrets.read(provider.id, {})
    assert imported is not None
    assert imported[0].secret_token_fingerprint == "imported"
    assert "validateCredentials" in [call.action for call in provider.entra.calls]

    provider.portal.set_secret_token("revoked")
    imported = await provider.secrets.read(provider.id, {})
    assert imported is not None
    assert imported[0].secret_token_fingerprint == "the saved connection fails its test"
