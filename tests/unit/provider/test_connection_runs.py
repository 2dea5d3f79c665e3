"""What becomes of a connection that is saved, read or removed, as Graph has it afterwards."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import (
    ConflictError,
    CredentialsRejectedError,
    ForbiddenError,
    GraphError,
    NotFoundError,
    ReplyError,
)
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.secrets import CONNECTION_FAILS, MASKED, ConnectionSettings
from eptura_scim.graph.synchronization import ConnectionCredentials, Job, JobRef
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.fingerprint import IMPORTED
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK, PausedChanges
from eptura_scim.provider.secrets import SecretsInputs, SynchronizationSecrets
from tests.unit.job_samples import NEVER_RAN, REF, job
from tests.unit.one_job import OneJob
from tests.unit.told import Told

HERE = "https://eptura.example/scim/v1/"
ELSEWHERE = "https://new.example/scim/v1/"
ID = f"{REF.service_principal}/{REF.job}"
URN = "urn:pulumi:dev::eptura::eptura-scim:index:SynchronizationSecrets::eptura"
TOKEN = "secret-token"
ON = job()
OFF = job(schedule="Paused")
NEW = job(schedule="Paused", **NEVER_RAN)
TESTED = "v1.salt.digest"


class OneConnection(OneJob):
    """A job and its secrets, which can be written. `late_secrets` are answers of replicas that are behind."""

    def __init__(self, live: Job = ON, saved: dict[str, str] | None = None, *, is_masked: bool = False) -> None:
        super().__init__(live, HERE)
        self.saved = saved_as() if saved is None else saved
        self.is_masked = is_masked
        self.late_secrets: list[dict[str, str]] = []
        self.late_after_put: list[dict[str, str]] = []
        self.unreadable: GraphError | None = None
        """What a read of the job ends with."""
        self.test_fails: GraphError | None = None
        self.tested: list[ConnectionCredentials | None] = []

    async def job(self, ref: JobRef) -> Job:
        if self.unreadable:
            raise self.unreadable
        return await super().job(ref)

    async def secrets(self, service_principal: ServicePrincipalId) -> dict[str, str]:
        if self.unknown_secrets:
            self.unknown_secrets -= 1
            raise NotFoundError("404")
        found = self.late_secrets.pop(0) if self.late_secrets else self.saved
        hidden = {"SecretToken", *(["BaseAddress"] if self.is_masked else [])}
        return {key: MASKED if key in hidden and value else value for key, value in found.items()}

    async def put_secrets(self, service_principal: ServicePrincipalId, secrets: Any) -> None:
        self._do("put", self._live.schedule.state)
        self.saved = {key: value for key, value in secrets.items() if value}
        self.late_secrets = self.late_after_put

    async def test_connection(self, ref: JobRef, credentials: ConnectionCredentials | None) -> None:
        self.tested.append(credentials)
        if self.test_fails:
            raise self.test_fails


def saved_as(token: str = TOKEN, **changes: Any) -> dict[str, str]:
    """The secrets of a connection."""
    return ConnectionSettings.model_validate({"tenant_url": HERE, "scope": "all", **changes}).to_secrets(token, {})


def resource(api: OneConnection, changes: PausedChanges | None = None, token: str = TOKEN) -> SynchronizationSecrets:
    """In a run that knows the token."""
    found = SynchronizationSecrets(api, _without_waiting(), changes or PausedChanges())
    if token:
        found.preprocess_inputs(URN, {"secretToken": token}, {})
    return found


def _without_waiting() -> Consistency:
    times = itertools.count()

    async def sleep(_seconds: float) -> None:
        return

    return Consistency(seconds=50, clock=lambda: float(next(times)), sleep=sleep)


def inputs(**changes: Any) -> SecretsInputs:
    where = {"servicePrincipalId": REF.service_principal, "jobId": REF.job}
    return SecretsInputs.model_validate({**where, "tenantUrl": HERE, "secretTokenFingerprint": TESTED, **changes})


async def converge(api: OneConnection, act: str, changes: PausedChanges | None = None, **wanted: Any) -> None:
    if act == "create":
        await resource(api, changes).create(URN, inputs(**wanted))
    else:
        await resource(api, changes).update(URN, ID, dump(inputs()), inputs(**wanted))


BOTH = pytest.mark.parametrize("act", ["create", "update"])


@BOTH
@pytest.mark.parametrize("error", [ConflictError("409"), ForbiddenError("403"), NotFoundError("404")])
async def test_a_save_of_the_connection_waits_for_consistency(act: str, error: GraphError) -> None:
    api = OneConnection(OFF)
    api.failures = [error]
    await converge(api, act, notificationEmail="it@contoso.example")
    assert api.saved == saved_as(notification_email="it@contoso.example")


@BOTH
@pytest.mark.parametrize(
    "late",
    [saved_as(), {**saved_as(scope="assigned"), "SecretToken": ""}, {}],
    ids=["the old ones", "no token", "none"],
)
async def test_a_save_ends_when_entra_shows_it(act: str, late: dict[str, str]) -> None:
    api = OneConnection(NEW)
    api.late_after_put = [late, late]
    await converge(api, act, scope="assigned")
    assert api.late_secrets == []


async def test_a_save_that_never_shows_names_what_differs() -> None:
    api = OneConnection(NEW)
    api.late_after_put = [{**saved_as(), "SecretToken": ""}] * 99
    with pytest.raises(ReplyError, match="still shows something else as scope, secretToken, 50 seconds"):
        await converge(api, "update", scope="assigned")


@BOTH
async def test_without_the_token_nothing_is_saved(act: str) -> None:
    api = OneConnection()
    secrets, wanted = resource(api, token=""), inputs(scope="assigned")
    with pytest.raises(ResourceError, match="secretToken is not known to this run"):
        await (secrets.create(URN, wanted) if act == "create" else secrets.update(URN, ID, dump(inputs()), wanted))
    assert (api.done, api.tested) == ([], [])


@BOTH
async def test_a_connection_that_fails_its_test_is_not_saved(act: str) -> None:
    api = OneConnection()
    api.test_fails = CredentialsRejectedError("401")
    with pytest.raises(ResourceError, match=f"the connection test of {ELSEWHERE} failed, nothing was saved: 401"):
        await converge(api, act, tenantUrl=ELSEWHERE)
    assert (api.tested, api.done) == ([ConnectionCredentials(ELSEWHERE, TOKEN)], [])


@pytest.mark.parametrize("value", ["", "shown", MASKED])
async def test_a_save_names_secrets_that_it_cannot_keep(value: str, told: Told) -> None:
    api = OneConnection(saved={**saved_as(), "Additional": value, "Beside": "shown"})
    await converge(api, "update")
    assert [line.partition(": ")[0] for line in told.warnings] == (["Additional"] if value == MASKED else [])
    assert api.saved.get("Additional") == (value if value == "shown" else None)


@pytest.mark.parametrize(
    ("live", "wanted", "restart", "done"),
    [
        (ON, {"scope": "assigned"}, REEVALUATE, ["pause", "put"]),
        (OFF, {"scope": "assigned"}, REEVALUATE, ["put"]),
        (NEW, {"scope": "assigned"}, None, ["put"]),
        (ON, {"skipOutOfScopeDeletions": True}, REEVALUATE, ["pause", "put"]),
        (ON, {"tenantUrl": ELSEWHERE}, RELINK, ["pause", "put"]),
        (NEW, {"tenantUrl": ELSEWHERE}, None, ["put"]),
        (ON, {"notificationEmail": "it@contoso.example"}, None, ["put"]),
        (ON, {}, None, ["put"]),
    ],
)
@pytest.mark.parametrize("is_masked", [False, True])
async def test_a_job_that_ran_is_paused_for_what_changes_users(
    live: Job, wanted: dict[str, Any], restart: Any, done: list[str], is_masked: bool
) -> None:
    api, changes = OneConnection(live, is_masked=is_masked), PausedChanges()
    await converge(api, "update", changes, **wanted)
    assert (api.done, changes.of(REF.service_principal).restart) == (done, restart)
    assert changes.of(REF.service_principal).linked == (HERE if restart else None)
    assert api.saved["BaseAddress"] == wanted.get("tenantUrl", HERE)


async def test_removed_secrets_name_no_other_target() -> None:
    api, changes = OneConnection(OFF, {}), PausedChanges()
    await converge(api, "update", changes)
    assert changes.of(REF.service_principal).restart == REEVALUATE
    assert changes.of(REF.service_principal).linked == HERE


async def test_a_flag_of_the_saved_address_keeps_the_links() -> None:
    api, changes = OneConnection(saved=saved_as(tenant_url=f"{HERE}?flag")), PausedChanges()
    await converge(api, "update", changes)
    assert (api.done, changes.of(REF.service_principal).restart) == (["pause", "put"], REEVALUATE)


async def test_a_hidden_address_that_no_state_knows_is_the_same() -> None:
    api, changes = OneConnection(is_masked=True), PausedChanges()
    await resource(api, changes).update(URN, ID, {}, inputs())
    assert (api.done, changes.of(REF.service_principal).restart) == (["put"], None)


@pytest.mark.parametrize("is_masked", [False, True])
async def test_the_links_belong_to_the_declared_address_if_hidden(is_masked: bool) -> None:
    api, changes = OneConnection(is_masked=is_masked), PausedChanges()
    assert await resource(api, changes).problems(URN, {}, dump(inputs())) == []
    state = SynchronizationJobState(api, _without_waiting(), changes)
    where = {"servicePrincipalId": REF.service_principal, "jobId": REF.job}
    made = await state.create("", JobStateInputs.model_validate({**where, "provisioningStatus": "On"}))
    assert made.outputs == {"linkedTo": HERE}


async def test_a_connection_has_a_single_resource() -> None:
    secrets = resource(OneConnection())
    assert await secrets.problems(URN, {}, dump(inputs())) == []
    ((_, reason),) = await secrets.problems(f"{URN}2", {}, dump(inputs()))
    assert reason == f"{URN} manages the same object: remove one of the two resources"


async def test_a_refresh_believes_a_difference_that_shows_twice() -> None:
    api = OneConnection()
    api.late_secrets = [saved_as(scope="assigned")]
    assert await read(api) == inputs()
    api.late_secrets = [saved_as(scope="assigned")] * 2
    assert await read(api) == inputs(scope="assigned")


@pytest.mark.parametrize("is_masked", [False, True])
async def test_a_refresh_believes_what_the_last_run_saved(is_masked: bool) -> None:
    api = OneConnection(is_masked=is_masked)
    api.late_secrets = [saved_as(), {}]
    assert await read(api) == inputs()


async def read(api: OneConnection, **known: Any) -> SecretsInputs | None:
    """What a refresh finds after a run of `inputs`, or with other values known."""
    found = await resource(api).read(ID, {**dump(inputs()), **known})
    return found and SecretsInputs.model_validate(dump(found[0]))


async def test_secrets_that_were_removed_show_at_the_next_refresh() -> None:
    found = await resource(OneConnection(saved={})).read(ID, dump(inputs()))
    assert found is not None
    assert (found[0].tenant_url, found[0].secret_token_fingerprint) == ("", "no token is saved")


REVOKED = CredentialsRejectedError("401")


@pytest.mark.parametrize(
    ("known", "error", "shown"),
    [
        ({}, None, TESTED),
        ({}, REVOKED, CONNECTION_FAILS),
        ({}, ForbiddenError("403"), TESTED),
        ({"testSavedToken": False}, REVOKED, TESTED),
        ({"tenantUrl": ELSEWHERE}, REVOKED, TESTED),
        ({"secretTokenFingerprint": CONNECTION_FAILS}, None, "another token may be saved"),
        ({"secretTokenFingerprint": IMPORTED}, None, IMPORTED),
    ],
)
async def test_a_refresh_shows_what_became_of_the_token(
    known: dict[str, Any], error: GraphError | None, shown: str
) -> None:
    api = OneConnection()
    api.test_fails = error
    found = await resource(api).read(ID, {**dump(inputs()), **known})
    assert found is not None
    assert found[0].secret_token_fingerprint == shown


@pytest.mark.parametrize("is_masked", [False, True])
@pytest.mark.parametrize("last_inputs", [{}, dump(inputs())], ids=["import", "refresh"])
async def test_a_saved_connection_is_tested(last_inputs: dict[str, Any], is_masked: bool) -> None:
    api = OneConnection(is_masked=is_masked)
    api.test_fails = REVOKED
    found = await resource(api).read(ID, last_inputs)
    assert found is not None
    assert found[0].secret_token_fingerprint == CONNECTION_FAILS


@pytest.mark.parametrize("saved", [saved_as(), {**saved_as(), "SecretToken": ""}, {}], ids=["all", "no token", "none"])
@pytest.mark.parametrize("known", [{}, {"testSavedToken": False}, {"tenantUrl": ELSEWHERE}])
@pytest.mark.parametrize("error", [NotFoundError("404"), ForbiddenError("403")])
async def test_secrets_without_their_job_are_gone(
    saved: dict[str, str], known: dict[str, Any], error: GraphError
) -> None:
    api = OneConnection(saved=saved)
    api.unreadable, api.test_fails = NotFoundError("404"), error
    assert await resource(api).read(ID, {**dump(inputs()), **known}) is None


async def test_a_connection_is_read_where_its_job_is_not_readable() -> None:
    api = OneConnection()
    api.test_fails = api.unreadable = ForbiddenError("403")
    assert await read(api) == inputs()


async def test_a_test_that_misses_the_job_is_made_again() -> None:
    api = OneConnection()
    api.test_fails = NotFoundError("404")
    assert await read(api) is None
    assert len(api.tested) == 2


@pytest.mark.parametrize("unknown", [1, 2])
async def test_unknown_secrets_of_a_job_are_none(unknown: int) -> None:
    api = OneConnection(saved={})
    api.unknown_secrets = unknown
    found = await resource(api).read(ID, {})
    assert found is not None
    assert found[0].tenant_url == ""
    api.unknown_secrets, api.unreadable = 99, NotFoundError("404")
    assert await resource(api).read(ID, {}) is None


@pytest.mark.parametrize(
    ("saved", "is_masked", "left"),
    [
        (saved_as(), False, {"BaseAddress": HERE}),
        (saved_as(), True, {}),
        ({"SecretToken": TOKEN}, False, {}),
        ({"BaseAddress": HERE}, False, {"BaseAddress": HERE}),
    ],
    ids=["the address is kept", "a hidden address is not", "no address", "no token"],
)
async def test_without_the_resource_only_the_address_is_left(
    saved: dict[str, str], is_masked: bool, left: dict[str, str]
) -> None:
    api = OneConnection(OFF, saved, is_masked=is_masked)
    await resource(api).delete(ID, {})
    assert api.saved == left


async def test_secrets_of_another_job_are_not_removed() -> None:
    api = OneConnection(OFF)
    api.listed = [OFF.model_copy(update={"id": "scim.other"})]
    await resource(api).delete(ID, {})
    assert api.saved == saved_as()


async def test_secrets_that_outlive_their_job_are_not_removed() -> None:
    api = OneConnection(OFF)
    api.unreadable = NotFoundError("404")
    await resource(api).delete(ID, {})
    assert api.saved == saved_as()


@pytest.mark.parametrize("error", [ConflictError("409"), ForbiddenError("403")])
async def test_a_removal_of_the_secrets_waits_for_consistency(error: GraphError) -> None:
    api = OneConnection(OFF)
    api.failures = [error]
    await resource(api).delete(ID, {})
    assert api.saved == {"BaseAddress": HERE}


@pytest.mark.parametrize("path", ["tenantUrl", "scope", "secretTokenFingerprint"])
def test_every_value_of_a_connection_counts(path: str) -> None:
    secrets = resource(OneConnection())
    old, new = dump(inputs()), {**dump(inputs()), path: "another"}
    assert [found for found, _ in secrets.differences(old, new)] == [(path,)]
    assert list(secrets.differences(old, old)) == []


def test_the_first_token_after_an_import_shows_no_difference() -> None:
    imported = {**dump(inputs()), "secretTokenFingerprint": IMPORTED}
    configured = {**dump(inputs()), "secretTokenFingerprint": f"{IMPORTED}+{TESTED}"}
    assert list(resource(OneConnection()).differences(imported, configured)) == []
