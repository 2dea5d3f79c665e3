"""Login by the variables of the azuread provider; what is missing is named."""

import base64
from pathlib import Path

import azure.identity.aio as identity
import pytest
from azure.core.pipeline.transport import AioHttpTransport

from eptura_scim.graph.cloud import Cloud, discover
from eptura_scim.graph.credentials import GitHubOidcCredential, credential_from
from eptura_scim.graph.errors import LoginError

CLOUD = Cloud("https://graph.microsoft.com", "https://login.microsoftonline.com")
WHO = {
    "ARM_TENANT_ID": "22222222-2222-2222-2222-222222222222",
    "ARM_CLIENT_ID": "11111111-1111-1111-1111-111111111111",
}


async def credential(**variables: str) -> object:
    return credential_from({**WHO, **variables}, CLOUD, AioHttpTransport())


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"ARM_CLIENT_SECRET": "x"}, identity.ClientSecretCredential),
        ({"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": "x"}, identity.ClientAssertionCredential),
        (
            {
                "ARM_USE_OIDC": "true",
                "ACTIONS_ID_TOKEN_REQUEST_URL": "https://x",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "y",
            },
            GitHubOidcCredential,
        ),
        (
            {"ARM_USE_OIDC": "true", "ARM_OIDC_REQUEST_URL": "https://x", "ARM_OIDC_REQUEST_TOKEN": "y"},
            GitHubOidcCredential,
        ),
        ({"ARM_USE_MSI": "true"}, identity.ManagedIdentityCredential),
        ({}, identity.AzureCliCredential),
        ({"ARM_USE_OIDC": "false"}, identity.AzureCliCredential),
    ],
)
async def test_the_variables_choose_the_way_to_log_in(variables: dict[str, str], kind: type) -> None:
    assert isinstance(await credential(**variables), kind)


async def test_an_azure_devops_service_connection_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEM_OIDCREQUESTURI", "https://dev.azure.example/")
    found = await credential(ARM_USE_OIDC="true", ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID="c", SYSTEM_ACCESSTOKEN="t")
    assert isinstance(found, identity.AzurePipelinesCredential)


async def test_a_login_of_github_that_was_never_used_is_closed() -> None:
    found = await credential(ARM_USE_OIDC="true", ARM_OIDC_REQUEST_URL="https://x", ARM_OIDC_REQUEST_TOKEN="y")
    assert isinstance(found, GitHubOidcCredential)
    async with found as opened:
        assert opened is found


async def test_a_token_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("assertion\n")
    found = await credential(ARM_USE_OIDC="true", ARM_OIDC_TOKEN_FILE_PATH=str(tmp_path / "token"))
    assert isinstance(found, identity.ClientAssertionCredential)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"ARM_CLIENT_SECRET": "x", "ARM_CLIENT_ID": ""}, "ARM_CLIENT_ID"),
        ({"ARM_CLIENT_SECRET": "x", "ARM_TENANT_ID": ""}, "ARM_TENANT_ID"),
        ({"ARM_USE_OIDC": "true"}, "ARM_OIDC_REQUEST_URL"),
        ({"ARM_USE_OIDC": "true", "ARM_OIDC_REQUEST_URL": "https://x"}, "ARM_OIDC_REQUEST_TOKEN"),
        ({"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": "/nowhere"}, "ARM_OIDC_TOKEN_FILE_PATH"),
        ({"ARM_CLIENT_CERTIFICATE_PATH": "/nowhere.pfx"}, "ARM_CLIENT_CERTIFICATE_PATH"),
        ({"ARM_CLIENT_CERTIFICATE": "not base64!"}, "certificate"),
        ({"ARM_CLIENT_CERTIFICATE": base64.b64encode(b"junk").decode()}, "certificate"),
        ({"ARM_USE_CLI": "false"}, "ARM_CLIENT_SECRET"),
    ],
)
async def test_what_is_missing_for_a_login_is_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(LoginError, match=named):
        await credential(**variables)


@pytest.mark.parametrize(
    ("name", "graph"),
    [
        ("", "https://graph.microsoft.com"),
        ("public", "https://graph.microsoft.com"),
        ("USGovernment", "https://graph.microsoft.us"),
        ("usgovernmentl5", "https://dod-graph.microsoft.us"),
        ("china", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
async def test_the_environment_chooses_the_cloud(name: str, graph: str) -> None:
    assert (await discover({"ARM_ENVIRONMENT": name}, AioHttpTransport())).graph == graph


async def test_an_unknown_cloud_is_named_with_the_known_ones() -> None:
    with pytest.raises(LoginError, match=r"'moon'.*china.*public"):
        await discover({"ARM_ENVIRONMENT": "moon"}, AioHttpTransport())


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"ARM_CLIENT_SECRET": ""}, "ARM_CLIENT_SECRET is set and empty. In a pipeline: is the secret defined"),
        ({"ARM_OIDC_TOKEN": "", "ARM_CLIENT_CERTIFICATE": ""}, "ARM_CLIENT_CERTIFICATE and ARM_OIDC_TOKEN are set and"),
        (
            {"ARM_CLIENT_SECRET": "x", "ARM_TENANT_ID": ""},
            "needs ARM_TENANT_ID in the environment; ARM_TENANT_ID is set",
        ),
        ({"ARM_CLIENT_CERTIFICATE_PATH": "/nowhere.pfx"}, "'/nowhere.pfx' cannot be read (No such file or directory)"),
    ],
)
async def test_what_is_empty_or_not_found_is_named(variables: dict[str, str], said: str) -> None:
    with pytest.raises(LoginError) as caught:
        await credential(**variables)
    assert said in str(caught.value)


async def test_an_empty_variable_beside_another_login_is_ignored() -> None:
    assert isinstance(await credential(ARM_CLIENT_SECRET="", ARM_USE_MSI="true"), identity.ManagedIdentityCredential)
    assert isinstance(await credential(ARM_CLIENT_SECRET="", ARM_USE_CLI="true"), identity.AzureCliCredential)


async def test_an_empty_file_of_a_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    with pytest.raises(LoginError, match=r"ARM_CLIENT_SECRET_FILE_PATH: the file .* is empty"):
        await credential(ARM_CLIENT_SECRET_FILE_PATH=str(tmp_path / "secret"))
