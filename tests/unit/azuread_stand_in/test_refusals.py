"""What the stand-in refuses and how it says so, and how it takes a slow or busy Graph."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

import httpx
import pytest

from eptura_scim.azuread_stand_in.app_role_assignment import AppRoleAssignment
from eptura_scim.azuread_stand_in.application_from_template import ApplicationFromTemplate
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.get_application import get_application
from eptura_scim.azuread_stand_in.graph import Graph, LocalGraphError, LocalNotFoundError
from eptura_scim.azuread_stand_in.ids import (
    AssignmentPath,
    FromTemplatePath,
    JobPath,
    ServicePrincipalPath,
)
from eptura_scim.azuread_stand_in.service_principal import ServicePrincipal
from eptura_scim.azuread_stand_in.synchronization_job import SynchronizationJob, SynchronizationJobInputs
from eptura_scim.plugin_sdk.errors import InvalidIdError, PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.resource import Resource
from eptura_scim.plugin_sdk.validation import check

HOST = "localhost:8443"
UUID = "a3a86aea-c049-4bc6-8d35-7ff8472dace9"
VARIABLES = {
    "ARM_METADATA_HOSTNAME": HOST,
    "ARM_TENANT_ID": "tenant",
    "ARM_CLIENT_ID": "client",
    "ARM_CLIENT_SECRET": "secret",
}

LOGIN = {"authentication": {"loginEndpoint": f"https://{HOST}"}}
APPLICATION = FromTemplatePath(UUID, UUID, UUID)
PRINCIPAL = ServicePrincipalPath(UUID)
JOB = JobPath(UUID, "scim.x")

Answer = Callable[[httpx.Request], httpx.Response]


def graph(answer: Answer, sleeps: list[float] | None = None, graph_url: str = f"https://{HOST}") -> Graph:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/metadata/endpoints":
            metadata = {
                "microsoftGraphResourceId": graph_url,
                "authentication": {"loginEndpoint": f"https://{HOST}"},
            }
            return httpx.Response(200, json=metadata)
        if request.url.path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t"})
        return answer(request)

    async def sleep(seconds: float) -> None:
        if sleeps is not None:
            sleeps.append(seconds)

    return Graph(Environment.of(VARIABLES), httpx.MockTransport(respond), sleep)


def error(status: int, code: str = "Code", message: str = "What is wrong.") -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code, "message": message}})


def cut_off(_request: httpx.Request) -> httpx.Response:
    return cut()


def cut() -> httpx.Response:
    raise httpx.RemoteProtocolError("Server disconnected without sending a response.")


def test_every_missing_variable_is_named_at_once() -> None:
    with pytest.raises(ResourceError, match="ARM_METADATA_HOSTNAME, ARM_TENANT_ID, ARM_CLIENT_SECRET"):
        Environment.of({"ARM_CLIENT_ID": "client", "ARM_TENANT_ID": ""})


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1:1", "localhost"])
def test_a_local_host_is_accepted(host: str) -> None:
    assert Environment.of({**VARIABLES, "ARM_METADATA_HOSTNAME": host}).host == host


@pytest.mark.parametrize(
    "host", ["graph.microsoft.com", "management.azure.com", "localhost.example.com", "localhost@evil.example", "::1"]
)
def test_any_other_host_is_refused(host: str) -> None:
    with pytest.raises(ResourceError, match="talks to a local Entra only, and ARM_METADATA_HOSTNAME names"):
        Environment.of({**VARIABLES, "ARM_METADATA_HOSTNAME": host})


def test_a_ca_that_is_not_there_is_named() -> None:
    with pytest.raises(ResourceError, match=r"SSL_CERT_FILE is /nowhere/ca\.pem"):
        Environment.of({**VARIABLES, "SSL_CERT_FILE": "/nowhere/ca.pem"})


async def test_metadata_that_leads_to_the_real_graph_is_refused() -> None:
    connection = graph(lambda _: pytest.fail("was called"), graph_url="https://graph.microsoft.com/")
    with pytest.raises(ResourceError, match=r"local Entra only, and microsoftGraphResourceId of its metadata names"):
        await connection.get("/v1.0/applications/x")


async def test_an_error_of_graph_is_a_line_with_code_and_message() -> None:
    connection = graph(lambda _: error(403, "Authorization_RequestDenied", "Insufficient\nprivileges."))
    with pytest.raises(LocalGraphError) as caught:
        await connection.get("/v1.0/applications/x")
    assert str(caught.value) == ("GET /v1.0/applications/x: 403 Authorization_RequestDenied: Insufficient privileges.")


async def test_a_refused_login_names_the_variables_and_not_the_secret() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/metadata/endpoints":
            metadata = {
                "microsoftGraphResourceId": f"https://{HOST}",
                "authentication": {"loginEndpoint": f"https://{HOST}"},
            }
            return httpx.Response(200, json=metadata)
        return httpx.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000215: Invalid."})

    environment = Environment.of({**VARIABLES, "ARM_CLIENT_SECRET": "hunter2"})
    with pytest.raises(ResourceError) as caught:
        await Graph(environment, httpx.MockTransport(answer)).get("/v1.0/applications/x")
    assert "ARM_TENANT_ID, ARM_CLIENT_ID, ARM_CLIENT_SECRET: " in str(caught.value)
    assert str(caught.value).endswith("401 invalid_client: AADSTS7000215: Invalid.")
    assert "hunter2" not in str(caught.value)


async def test_throttling_waits_as_long_as_asked() -> None:
    sleeps: list[float] = []
    answers = [
        httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(503), httpx.Response(200, json={"id": "x"})
    ]  # fmt: skip
    connection = graph(lambda _: answers.pop(0), sleeps)
    assert await connection.get("/v1.0/applications/x") == {"id": "x"}
    assert sleeps == [7.0, 2.0]


async def test_a_permanent_server_error_ends() -> None:
    sleeps: list[float] = []
    with pytest.raises(LocalGraphError, match=r"503 Code: What is wrong\."):
        await graph(lambda _: error(503), sleeps).get("/v1.0/applications/x")
    assert sleeps == [1, 2, 4, 8, 16]


async def test_a_new_object_that_is_not_visible_yet_is_waited_for() -> None:
    sleeps: list[float] = []
    answers = [error(404), error(404), httpx.Response(200, json={})]
    await graph(lambda _: answers.pop(0), sleeps).confirm("/v1.0/applications/x")
    assert len(sleeps) == 2


async def test_an_object_that_never_appears_is_given_up() -> None:
    sleeps: list[float] = []
    with pytest.raises(ResourceError, match=r"/v1\.0/applications/x is not to be read after it was created"):
        await graph(lambda _: error(404), sleeps).confirm("/v1.0/applications/x")
    assert 25 < sum(sleeps) < 35


async def test_an_object_that_stays_is_given_up() -> None:
    with pytest.raises(ResourceError, match=r"/v1\.0/applications/x is still there after it was deleted"):
        await graph(lambda _: httpx.Response(200, json={}), []).confirm("/v1.0/applications/x", gone=True)


@pytest.mark.parametrize(("method", "body"), [("get", ()), ("delete", ()), ("patch", ({},)), ("post", ({},))])
async def test_a_call_that_was_cut_ends_the_run(method: str, body: tuple[Any, ...]) -> None:
    sent: list[str] = []

    def count(request: httpx.Request) -> httpx.Response:
        sent.append(request.method)
        return cut()

    with pytest.raises(ResourceError, match="Server disconnected"):
        await getattr(graph(count, []), method)("/v1.0/applications/x", *body)
    assert sent == [method.upper()]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_post_that_may_have_been_carried_out_is_sent_again(status: int) -> None:
    answers = [error(status), httpx.Response(201, json={"id": "x"})]
    made = await graph(lambda _: answers.pop(0), []).post("/v1.0/applicationTemplates/x/instantiate", {})
    assert made == {"id": "x"}


@pytest.mark.parametrize("status", [403, 409])
async def test_only_refused_synchronization_calls_are_repeated(status: int) -> None:
    sleeps: list[float] = []
    with pytest.raises(LocalGraphError, match=str(status)):
        await graph(lambda _: error(status), sleeps).get(f"/v1.0{JOB}")
    assert 240 < sum(sleeps) < 300
    sleeps.clear()
    with pytest.raises(LocalGraphError, match=str(status)):
        await graph(lambda _: error(status), sleeps).get(f"/v1.0{PRINCIPAL}")
    assert sleeps == []


async def test_a_retry_after_may_be_a_date() -> None:
    sleeps: list[float] = []
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    answers = [httpx.Response(429, headers={"Retry-After": date}), httpx.Response(200, json={})]
    await graph(lambda _: answers.pop(0), sleeps).post("/v1.0/x", {})
    assert len(sleeps) == 1
    assert 25 < sleeps[0] <= 30


async def test_another_server_on_that_port_is_recognised() -> None:
    page = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>It works!</html>"))
    with pytest.raises(ResourceError, match="something else than JSON: is it a local Entra"):
        await Graph(Environment.of(VARIABLES), page).get("/v1.0/applications/x")
    for document, missing in (([], "authentication.loginEndpoint"), (LOGIN, "microsoftGraphResourceId")):
        other = httpx.MockTransport(partial(lambda found, _: httpx.Response(200, json=found), document))
        with pytest.raises(ResourceError, match=rf"has no {missing}: is it a local Entra\?"):
            await Graph(Environment.of(VARIABLES), other).get("/v1.0/applications/x")


async def test_several_calls_at_once_log_in_once() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, json={})

    connection = graph(answer)
    await asyncio.gather(*(connection.get(f"/v1.0/applications/{n}") for n in range(5)))
    assert seen == ["Bearer t"] * 5


@pytest.mark.parametrize(
    ("parse", "text", "wanted"),
    [
        (FromTemplatePath.parse, UUID, "/applicationTemplates/{templateId}/instantiate/{applicationObjectId}/{"),
        (ServicePrincipalPath.parse, UUID, "/servicePrincipals/{servicePrincipalObjectId}"),
        (ServicePrincipalPath.parse, "/servicePrincipals/x", "/servicePrincipals/{servicePrincipalObjectId}"),
        (JobPath.parse, f"/servicePrincipals/{UUID}/jobs/x", "/synchronization/jobs/{jobId}"),
        (
            AssignmentPath.parse,
            f"/servicePrincipals/{UUID}/appRoleAssignments/x",
            "/appRoleAssignedTo/{assignmentId}",
        ),
    ],
)
def test_a_wrong_id_shows_the_shape_that_is_wanted(parse: Callable[[str], Any], text: str, wanted: str) -> None:
    with pytest.raises(InvalidIdError) as caught:
        parse(text)
    assert text in str(caught.value)
    assert wanted in str(caught.value)


@pytest.mark.parametrize(
    "made",
    [
        FromTemplatePath(UUID, UUID, UUID),
        ServicePrincipalPath(UUID),
        JobPath(UUID, "scim.a1.b-2"),
        AssignmentPath(UUID, "-WmtM5na7Uus0D8kI1yylpU9Mdo0Pb9OoBJvd3T5eKc"),
    ],
)
def test_an_id_that_was_written_is_read_back(
    made: AssignmentPath | FromTemplatePath | ServicePrincipalPath | JobPath,
) -> None:
    assert type(made).parse(str(made)) == made


def test_an_object_id_alone_is_not_a_service_principal_id() -> None:
    checked = check(SynchronizationJobInputs, {"servicePrincipalId": UUID, "templateId": "scim"})
    assert [failure.path for failure in checked.failures] == ["servicePrincipalId"]
    assert "/servicePrincipals/{servicePrincipalObjectId}: azuread gives it as" in checked.failures[0].reason


def test_all_wrong_inputs_of_a_service_principal_are_reported() -> None:
    wrong = {"clientId": "x", "loginUrl": "ftp://x", "preferredSingleSignOnMode": "magic", "owners": ["me"], "odd": 1}
    checked = check(ServicePrincipal.inputs, wrong)
    assert sorted(failure.path for failure in checked.failures) == sorted([*(wrong.keys() - {"owners"}), "owners[0]"])


@pytest.mark.parametrize("other", ["featureTags", "features"])
def test_tags_are_refused_together_with_what_stands_for_tags(other: str) -> None:
    checked = check(ServicePrincipal.inputs, {"clientId": UUID, "tags": ["HideApp"], other: [{}]})
    assert [failure.path for failure in checked.failures] == ["tags"]
    assert f"cannot be set together with {other}" in checked.failures[0].reason


@pytest.mark.parametrize(
    ("new", "old", "wanted"),
    [({}, {}, True), ({"accountEnabled": False}, {}, False), ({}, {"accountEnabled": False}, False)],
)
def test_sign_in_is_enabled_unless_program_or_state_disable_it(
    new: dict[str, Any], old: dict[str, Any], wanted: bool
) -> None:
    assert ServicePrincipal(graph(cut_off)).preprocess_inputs("", new, old)["accountEnabled"] is wanted


async def test_a_service_principal_without_use_existing_is_refused() -> None:
    resource = ServicePrincipal(graph(lambda _: httpx.Response(200, json={"value": []}), []))
    inputs = resource.inputs.model_validate({"clientId": UUID, "useExisting": False})
    with pytest.raises(ResourceError, match="useExisting: must be true"):
        await resource.create("", inputs)


async def test_a_job_needs_its_service_principal() -> None:
    resource = SynchronizationJob(graph(lambda _: error(404)))
    inputs = SynchronizationJobInputs(service_principal_id=f"/servicePrincipals/{UUID}", template_id="scim")
    with pytest.raises(ResourceError, match=r"servicePrincipalId: the service principal .* was not found"):
        await resource.create("", inputs)


async def test_get_application_names_what_it_did_not_find() -> None:
    with pytest.raises(ResourceError, match='objectId: the application with object id "x" was not found'):
        await get_application({"objectId": "x"}, graph(lambda _: error(404)))
    nothing = graph(lambda _: httpx.Response(200, json={"value": []}))
    with pytest.raises(ResourceError, match='clientId: the application with client id "x" was not found'):
        await get_application({"clientId": "x"}, nothing)
    with pytest.raises(ResourceError, match="needs objectId or clientId"):
        await get_application({}, nothing)


@pytest.mark.parametrize("status", [404, 403])
async def test_an_adopted_service_principal_may_refuse_its_deletion(status: int) -> None:
    resource = ServicePrincipal(graph(lambda _: error(status)))
    await resource.delete(f"/servicePrincipals/{UUID}", {"useExisting": True})
    with pytest.raises(LocalGraphError):
        await resource.delete(f"/servicePrincipals/{UUID}", {})


async def test_gone_objects_read_as_gone_and_cannot_be_deleted() -> None:
    connection = graph(lambda _: error(404))
    principal_id, job_id = f"/servicePrincipals/{UUID}", f"/servicePrincipals/{UUID}/synchronization/jobs/scim.x"
    application_id = str(FromTemplatePath(UUID, UUID, UUID))
    assert await ApplicationFromTemplate(connection).read(application_id, {}) is None
    assert await ServicePrincipal(connection).read(principal_id, {}) is None
    assert await SynchronizationJob(connection).read(job_id, {}) is None
    with pytest.raises(LocalNotFoundError):
        await ApplicationFromTemplate(connection).delete(application_id, {})
    with pytest.raises(LocalNotFoundError):
        await SynchronizationJob(connection).delete(job_id, {})


def vanishing(made: dict[str, Any], reads: int = 0) -> Graph:
    """A Graph that carries out every write; what was written is deleted by others after some reads."""
    left = [reads]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            return httpx.Response(200, json=made)
        left[0] -= 1
        return httpx.Response(200, json={"id": UUID, "value": [{"id": UUID}]}) if left[0] >= 0 else error(404)

    return graph(answer, [])


TEMPLATED = {"templateId": UUID, "displayName": "Eptura"}
TAKEN_OVER = {"clientId": UUID, "useExisting": True}
PROVISIONED = {"servicePrincipalId": str(PRINCIPAL), "templateId": "scim"}


async def test_an_object_deleted_during_its_creation_is_named() -> None:
    both = {"application": {"id": UUID}, "servicePrincipal": {"id": UUID}}
    assigned = {"id": "x", "resourceId": UUID}
    for kind, connection, inputs, said in (
        (ApplicationFromTemplate, vanishing(both, reads=1), TEMPLATED, f"the application {UUID}"),
        (ServicePrincipal, vanishing({}, reads=1), TAKEN_OVER, f"the service principal {PRINCIPAL}"),
        (SynchronizationJob, vanishing({"id": "scim.x"}, reads=2), PROVISIONED, f"the synchronization job {JOB}"),
        (
            AppRoleAssignment,
            vanishing(assigned, reads=1),
            ASSIGNMENT,
            f"the assignment {AssignmentPath(UUID, 'x')}",
        ),
    ):
        resource: Resource[Any] = kind(connection)
        with pytest.raises(ResourceError, match=f"{said} vanished") as caught:
            await resource.create("", resource.inputs.model_validate(inputs))
        assert not isinstance(caught.value, PartlyCreatedError), "nothing is left to go into the state"


async def test_an_object_deleted_during_its_change_is_named() -> None:
    for kind, identifier, inputs, said in (
        (ApplicationFromTemplate, APPLICATION, TEMPLATED, f"the application {UUID}"),
        (ServicePrincipal, PRINCIPAL, TAKEN_OVER, f"the service principal {PRINCIPAL}"),
        (SynchronizationJob, JOB, PROVISIONED, f"the synchronization job {JOB}"),
    ):
        resource: Resource[Any] = kind(vanishing({}))
        with pytest.raises(ResourceError, match=f"{said} vanished"):
            await resource.update("", str(identifier), {}, resource.inputs.model_validate(inputs))


async def test_an_application_unreadable_once_created_is_in_the_state() -> None:
    made = {"application": {"id": UUID}, "servicePrincipal": {"id": UUID}}
    resource = ApplicationFromTemplate(
        graph(lambda request: httpx.Response(201, json=made) if request.method == "POST" else error(403))
    )
    with pytest.raises(PartlyCreatedError, match="403") as caught:
        await resource.create("", resource.inputs.model_validate(TEMPLATED))
    assert caught.value.id == str(APPLICATION)
    assert caught.value.outputs["servicePrincipalObjectId"] == UUID


async def test_a_refused_delete_of_a_job_is_an_error() -> None:
    with pytest.raises(LocalGraphError, match=r"DELETE .* 403"):
        await SynchronizationJob(graph(lambda _: error(403), [])).delete(
            f"/servicePrincipals/{UUID}/synchronization/jobs/scim.x", {}
        )
    assert issubclass(LocalNotFoundError, LocalGraphError)


@pytest.mark.parametrize(("enabled", "before", "action"), [(True, False, ["start"]), (False, True, ["pause"]),
                                                            (True, True, [])])  # fmt: skip
async def test_only_a_change_of_enabled_starts_or_pauses_the_job(
    enabled: bool, before: bool, action: list[str]
) -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            sent.append(request.url.path.rsplit("/", 1)[-1])
            return httpx.Response(204)
        state = "Active" if enabled else "Disabled"
        return httpx.Response(200, json={"id": "scim.x", "templateId": "scim", "schedule": {"state": state}})

    inputs = SynchronizationJobInputs(
        service_principal_id=f"/servicePrincipals/{UUID}", template_id="scim", enabled=enabled
    )
    outputs = await SynchronizationJob(graph(answer)).update(
        "", f"/servicePrincipals/{UUID}/synchronization/jobs/scim.x", {"enabled": before}, inputs
    )
    assert sent == action
    assert outputs["enabled"] is enabled


async def test_an_update_keeps_unset_properties_of_the_last_state() -> None:
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            bodies.append(json.loads(request.content))
            return httpx.Response(204)
        return httpx.Response(200, json={"id": UUID, "value": []})

    old = {
        "clientId": UUID, "accountEnabled": False, "preferredSingleSignOnMode": "saml", "tags": ["HideApp", "mine"],
        "samlSingleSignOn": {"relayState": "/home"}, "notificationEmailAddresses": ["a@example.com"],
    }  # fmt: skip
    resource = ServicePrincipal(graph(answer))
    new = resource.inputs.model_validate({"clientId": UUID, "useExisting": True, "notes": "new"})
    await resource.update("", f"/servicePrincipals/{UUID}", old, new)
    assert bodies == [
        {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "accountEnabled": False,
            "alternativeNames": [],
            "appRoleAssignmentRequired": False,
            "description": None,
            "loginUrl": None,
            "notes": "new",
            "notificationEmailAddresses": ["a@example.com"],
            "preferredSingleSignOnMode": "saml",
            "samlSingleSignOnSettings": {"relayState": "/home"},
            "tags": ["HideApp", "mine"],
        }
    ]


ASSIGNMENT = {"appRoleId": UUID, "principalObjectId": UUID, "resourceObjectId": UUID}


def test_all_wrong_inputs_of_an_assignment_are_reported() -> None:
    checked = check(AppRoleAssignment.inputs, dict.fromkeys(ASSIGNMENT, "x"))
    assert sorted(failure.path for failure in checked.failures) == sorted(ASSIGNMENT)


async def test_an_assignment_needs_its_service_principal() -> None:
    resource = AppRoleAssignment(graph(lambda _: error(404)))
    with pytest.raises(ResourceError, match=r"resourceObjectId: the service principal .* was not found"):
        await resource.create("", resource.inputs.model_validate(ASSIGNMENT))


@pytest.mark.parametrize("refusal", [error(404), error(400, message="Not a valid reference update: x")])
async def test_a_principal_that_is_not_replicated_yet_is_waited_for(refusal: httpx.Response) -> None:
    posts = [refusal, refusal, httpx.Response(201, json={"id": "x", "resourceId": UUID})]
    sleeps: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return posts.pop(0) if request.method == "POST" else httpx.Response(200, json={"principalType": "Group"})

    resource = AppRoleAssignment(graph(answer, sleeps))
    made = await resource.create("", resource.inputs.model_validate(ASSIGNMENT))
    assert made.id == f"/servicePrincipals/{UUID}/appRoleAssignedTo/x"
    assert (made.outputs["principalType"], len(sleeps)) == ("Group", 2)


async def test_a_missing_principal_and_an_unknown_role_end_the_run() -> None:
    def answering(refusal: httpx.Response) -> Answer:
        return lambda request: refusal if request.method == "POST" else httpx.Response(200, json={})

    resource = AppRoleAssignment(graph(answering(error(404)), []))
    with pytest.raises(ResourceError, match=rf"principalObjectId: {UUID} was not found"):
        await resource.create("", resource.inputs.model_validate(ASSIGNMENT))
    resource = AppRoleAssignment(graph(answering(error(400, message="Permission being assigned was not found")), []))
    with pytest.raises(LocalGraphError, match="Permission being assigned was not found"):
        await resource.create("", resource.inputs.model_validate(ASSIGNMENT))


async def test_an_assignment_unreadable_once_created_is_in_the_state() -> None:
    answers = [
        httpx.Response(200, json={}), httpx.Response(201, json={"id": "x", "resourceId": UUID}), error(403),
    ]  # fmt: skip
    resource = AppRoleAssignment(graph(lambda _: answers.pop(0)))
    with pytest.raises(PartlyCreatedError, match="403") as caught:
        await resource.create("", resource.inputs.model_validate(ASSIGNMENT))
    assert caught.value.id == str(AssignmentPath(UUID, "x"))
