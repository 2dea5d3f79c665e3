"""Who is logged in and what that identity may do is known before a run makes anything; what is not told is allowed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from eptura_scim.graph.client import GraphClient, Transport, connect
from eptura_scim.graph.cloud import Cloud, discover
from eptura_scim.graph.identity import UNTOLD, Identity
from eptura_scim.local_entra import LocalEntra, Switches
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.provider.azuread_login import AzureadLogin, differing_logins
from eptura_scim.provider.login import LoginArguments, check_login, checked
from tests.unit.graph.logged_in import LoggedIn

HERE, ELSEWHERE = "11111111-1111-1111-1111-111111111111", "99999999-9999-9999-9999-999999999999"
OWNED_BY = "Application.ReadWrite.OwnedBy"
UP, PREVIEW = LoginArguments(), LoginArguments(preview=True)
ASSIGNING = LoginArguments(assigns=True)


@pytest.fixture(params=["refused"])
def entra(request: pytest.FixtureRequest) -> Iterator[LocalEntra]:
    with LocalEntra.start(switches=Switches(application_permissions_synchronize=request.param)) as started:
        yield started


async def problem(entra: LocalEntra, wanted: LoginArguments, *permissions: str) -> str:
    """What a run is refused for, with exactly these permissions; empty where it may begin."""
    entra.permissions.only(*permissions)
    client = await connect(entra.environment)
    try:
        await checked(client, wanted, entra.environment)
    except ResourceError as error:
        return str(error)
    finally:
        await client.close()
    return ""


@pytest.mark.parametrize(
    ("wanted", "permissions"),
    [
        (UP, [OWNED_BY]),
        (UP, [OWNED_BY, "Synchronization.ReadWrite.All"]),
        (UP, ["Application.ReadWrite.All", "Synchronization.ReadWrite.All"]),
        (PREVIEW, ["Application.Read.All", "Synchronization.Read.All"]),
        (PREVIEW, ["Application.ReadWrite.All", "Synchronization.ReadWrite.All"]),
        (ASSIGNING, [OWNED_BY, "AppRoleAssignment.ReadWrite.All", "Application.Read.All"]),
    ],
)
async def test_the_documented_permissions_suffice_and_nothing_is_read(
    entra: LocalEntra, wanted: LoginArguments, permissions: list[str]
) -> None:
    entra.calls.clear()
    assert await problem(entra, wanted, *permissions) == ""
    assert [call.path for call in entra.calls if call.path.startswith("/v1.0")] == []


@pytest.mark.parametrize(
    ("wanted", "permissions", "missing"),
    [
        (UP, [], "Application.ReadWrite.OwnedBy and Synchronization.ReadWrite.All. "),
        (UP, ["Application.ReadWrite.All"], "Synchronization.ReadWrite.All. "),
        (UP, ["Synchronization.ReadWrite.All"], "Application.ReadWrite.OwnedBy. "),
        (
            UP,
            ["Application.Read.All", "Synchronization.Read.All"],
            "Application.ReadWrite.OwnedBy and Synchronization.ReadWrite.All. ",
        ),
        (ASSIGNING, [OWNED_BY], "AppRoleAssignment.ReadWrite.All and Application.Read.All. "),
        (
            PREVIEW,
            ["Application.Read.All"],
            "Synchronization.Read.All (for `pulumi up`: Application.ReadWrite.OwnedBy and Synchronization.ReadWrite",
        ),
    ],
)
async def test_missing_permissions_are_named_in_a_line(
    entra: LocalEntra, wanted: LoginArguments, permissions: list[str], missing: str
) -> None:
    said = await problem(entra, wanted, *permissions)
    assert f"lacks {missing}" in said
    assert "\n" not in said


@pytest.mark.parametrize("entra", ["allowed"], indirect=True)
@pytest.mark.parametrize("wanted", [UP, PREVIEW])
async def test_a_permission_that_graph_lets_count_is_not_refused(entra: LocalEntra, wanted: LoginArguments) -> None:
    assert await problem(entra, wanted, "Application.ReadWrite.All") == ""


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    opened = Transport()
    yield opened
    await opened.close()


def jwt(**claims: Any) -> str:
    return f"h.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


@pytest.mark.parametrize(
    "token",
    [
        "opaque",
        jwt(tid=HERE, scp="User.Read", upn="adele@contoso.example"),
        jwt(tid=HERE, idtyp="user", wids=["88d8e3e3-8f55-4a1e-953a-9b9898b8876b"]),
        jwt(tid=HERE, idtyp="app", wids=["158c047a-c907-4556-b7ef-446551a6b5f7"]),
    ],
    ids=["opaque token", "person", "person with another role", "application with a directory role"],
)
async def test_a_token_without_permission_names_does_not_stop_the_run(transport: Transport, token: str) -> None:
    client = GraphClient(Cloud("https://graph.example", "https://login.example"), LoggedIn(token), transport)
    await checked(client, UP, {})


async def cloud(environment: Mapping[str, str]) -> Cloud:
    return await discover({name: value for name, value in environment.items() if "METADATA" not in name}, Transport())


APPLICATION = Identity("application", HERE, "o", HERE, "", frozenset(), frozenset())
PERSON = Identity("person", HERE, "o", "cli", "adele@contoso.example", frozenset(), frozenset())


@pytest.mark.parametrize(
    ("azuread", "environment", "identity", "named"),
    [
        ({"tenant_id": ELSEWHERE}, {"ARM_TENANT_ID": HERE}, APPLICATION, ["azuread:tenantId", ELSEWHERE, HERE]),
        ({"tenant_id": ELSEWHERE}, {}, PERSON, ["azuread:tenantId", ELSEWHERE, HERE, "in words"]),
        ({"tenant_id": ELSEWHERE}, {"ARM_TENANT_ID": HERE}, UNTOLD, ["azuread:tenantId", ELSEWHERE, HERE]),
        ({"tenant_id": "a.example"}, {"ARM_TENANT_ID": "b.example"}, UNTOLD, ["a.example", "b.example"]),
        ({"client_id": ELSEWHERE}, {}, APPLICATION, ["azuread:clientId", ELSEWHERE, f"application {HERE}"]),
        ({"client_id": ELSEWHERE, "has_credential": True}, {}, PERSON, ["azuread:clientId", "adele@contoso.example"]),
        ({"environment": "china"}, {}, APPLICATION, ["azuread:environment is china", "ARM_ENVIRONMENT is public"]),
        ({"environment": "public"}, {"ARM_ENVIRONMENT": "china"}, APPLICATION, ["ARM_ENVIRONMENT is china"]),
        ({"metadata_host": "a:1"}, {}, APPLICATION, ["azuread:metadataHost is a:1", "is not set"]),
        ({"metadata_host": "a:1"}, {"ARM_METADATA_HOSTNAME": "b:2"}, APPLICATION, ["a:1", "b:2"]),
    ],
)
async def test_two_logins_are_both_named(
    azuread: dict[str, Any], environment: dict[str, str], identity: Identity, named: list[str]
) -> None:
    (said,) = differing_logins(AzureadLogin(**azuread), environment, await cloud(environment), identity, "in words")
    for name in named:
        assert name in said


@pytest.mark.parametrize(
    ("azuread", "environment", "identity"),
    [
        ({}, {"ARM_TENANT_ID": HERE}, APPLICATION),
        ({"tenant_id": HERE, "client_id": HERE}, {"ARM_TENANT_ID": HERE}, APPLICATION),
        ({"tenant_id": "contoso.example"}, {"ARM_TENANT_ID": HERE}, APPLICATION),
        ({"tenant_id": "contoso.example"}, {"ARM_TENANT_ID": "Contoso.example"}, APPLICATION),
        ({"tenant_id": ELSEWHERE}, {}, UNTOLD),
        ({"client_id": ELSEWHERE}, {}, PERSON),
        ({"environment": "global"}, {}, APPLICATION),
        ({"environment": "usgovernmentl4"}, {"ARM_ENVIRONMENT": "usgovernment"}, APPLICATION),
        ({"environment": "public"}, {"ARM_METADATA_HOSTNAME": "a:1"}, APPLICATION),
        ({"metadata_host": "a:1"}, {"ARM_METADATA_HOSTNAME": "a:1"}, APPLICATION),
    ],
)
async def test_the_same_login_written_twice_is_not_a_conflict(
    azuread: dict[str, Any], environment: dict[str, str], identity: Identity
) -> None:
    assert differing_logins(AzureadLogin(**azuread), environment, await cloud(environment), identity, "") == []


async def test_all_differing_logins_are_a_single_error(entra: LocalEntra) -> None:
    other = LoginArguments(azuread=AzureadLogin(tenant_id=ELSEWHERE, client_id=ELSEWHERE, metadata_host="a:1"))
    said = await problem(entra, other, OWNED_BY)
    assert [name in said for name in ("azuread:tenantId", "azuread:clientId", "azuread:metadataHost")] == [True] * 3


async def test_a_failed_login_in_the_wrong_tenant_names_both_tenants(entra: LocalEntra) -> None:
    wrong = {**entra.environment, "ARM_CLIENT_SECRET": "wrong"}
    client = await connect(wrong)
    with pytest.raises(ResourceError, match=f"azuread:tenantId is {ELSEWHERE}"):
        await checked(client, LoginArguments(azuread=AzureadLogin(tenant_id=ELSEWHERE)), wrong)
    await client.close()


@pytest.mark.parametrize("arguments", [{"preview": []}, {"other": 1}, {"azuread": {"tenantId": [HERE]}}])
async def test_arguments_of_another_program_are_a_single_line(arguments: dict[str, Any]) -> None:
    with pytest.raises(ResourceError, match=r"^checkLogin: not as the program sends them: 1 argument$"):
        await check_login(arguments)
