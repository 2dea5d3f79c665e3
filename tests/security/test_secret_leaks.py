"""What a run says and leaves behind holds no trace of the secret token or of the client secret."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from eptura_scim import cli
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import GraphError, LoginError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import ConnectionCredentials, JobRef, SynchronizationClient
from eptura_scim.local_entra import Fault, LocalEntra, Tenant, start_detached, stop
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.validation import check
from eptura_scim.provider.secrets import SecretsInputs, SynchronizationSecrets, sealing_key
from eptura_scim.sealing import SealingKey, seal
from eptura_scim.settings import Settings, SettingsError, settings_of_texts
from tests.integration.provider.conftest import DOCUMENTED, URN, ProviderFixture
from tests.security.no_wait_transport import NoWaitTransport
from tests.security.traces import CLIENT_SECRET, TOKEN, found_in_files, traces

WRONG = TOKEN[::-1]
SIGNATURE = "s1gnature-7d0b-of-the-identity-provider"


def told(*places: Any) -> dict[str, list[str]]:
    """The secrets that texts hold, and how."""
    text = "\n".join(map(str, places))
    found = {"token": traces(TOKEN, text), "client secret": traces(CLIENT_SECRET, text)}
    return {name: ways for name, ways in found.items() if ways}


def everything_of(error: BaseException) -> str:
    """An exception as a crash would show it: its chain, and what its attributes print, requests and replies too."""
    seen: BaseException | None = error
    parts = traceback.format_exception(error)
    while seen is not None:
        parts += [repr(seen), repr(vars(seen)), *(repr(value) for value in vars(seen).values())]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(parts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "entra"


@pytest.fixture
def entra(folder: Path) -> Iterator[LocalEntra]:
    with LocalEntra.start(state_dir=folder, tenant=Tenant(client_secret=CLIENT_SECRET)) as started:
        started.scim.accept_tokens([TOKEN])
        yield started


@pytest.fixture
async def provider(entra: LocalEntra) -> AsyncIterator[ProviderFixture]:
    client = await connect(entra.environment)
    yield ProviderFixture(entra, client)
    await client.close()


async def live(provider: ProviderFixture) -> list[Any]:
    """All that the resources do in the life of a stack; what they give."""
    secrets = provider.secrets_inputs(seal((await sealing_key({}))["publicKey"], TOKEN))
    said: list[Any] = [secrets, await provider.secrets.create(URN, secrets)]
    said.append(await provider.schema.create("", provider.schema_inputs(DOCUMENTED)))
    said.append(await provider.state.create("", provider.state_inputs("On")))
    said += [await resource.read(provider.id, {}) for resource in (provider.secrets, provider.schema, provider.state)]
    changed = provider.secrets_inputs(TOKEN, scope="assigned")
    said.append(await provider.secrets.update(URN, provider.id, secrets.model_dump(by_alias=True), changed))
    with pytest.raises(ResourceError, match="nothing was saved") as refused:
        await provider.secrets.update(URN, provider.id, {}, provider.secrets_inputs(WRONG))
    said.append(everything_of(refused.value))
    for resource in (provider.state, provider.schema, provider.secrets):
        await resource.delete(provider.id, {})
    return said


async def test_the_life_of_all_resources_leaves_no_trace_of_the_token(
    provider: ProviderFixture, folder: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = await live(provider)
    records = [(record.getMessage(), record.args, record.exc_text, vars(record)) for record in caplog.records]
    assert len(records) > 50  # azure-core and azure-identity do log at this level
    assert told(said, records, caplog.text, *capfd.readouterr()) == {}
    assert told(*provider.entra.calls, *[vars_of(call) for call in provider.entra.calls]) == {}
    for secret in (TOKEN, CLIENT_SECRET):
        assert found_in_files(secret, folder, but_for=["secrets.json"]) == {}
        assert traces(secret, (folder / "secrets.json").read_bytes())
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def vars_of(call: Any) -> dict[str, Any]:
    return {name: getattr(call, name) for name in call.__slots__}


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 501])
@pytest.mark.parametrize(("method", "path"), [("PUT", "/secrets$"), ("POST", "/validateCredentials$")])
async def test_an_answer_that_repeats_its_request_shows_no_token(
    method: str, path: str, status: int, provider: ProviderFixture
) -> None:
    class Echo(Fault):
        @property
        def error(self) -> tuple[str, str]:
            return "BadRequest", f"The value '{TOKEN}' of SecretToken is refused, {TOKEN}."

    provider.entra.faults.add(Echo(path=path, method=method, status=status, times=8))
    with pytest.raises((GraphError, ResourceError), match=r"\[secret\]") as refused:
        await provider.secrets.update(URN, provider.id, {}, provider.secrets_inputs(TOKEN))
    assert told(str(refused.value), refused.value.args) == {}


async def test_a_login_that_fails_is_told_without_the_client_secret(entra: LocalEntra) -> None:
    client = await connect({**entra.environment, "ARM_CLIENT_SECRET": CLIENT_SECRET[::-1]})
    with pytest.raises(LoginError, match="AADSTS7000215") as refused:
        await client.request("GET", "/servicePrincipals")
    assert told(everything_of(refused.value)) == {}
    await client.close()


@pytest.mark.parametrize("area", ["/token$", "/secrets$", "/validateCredentials$"])
@pytest.mark.parametrize("kind", ["reset", "truncate", "status"])
async def test_an_exception_that_carries_its_request_shows_no_secret(kind: str, area: str, entra: LocalEntra) -> None:
    job = JobRef(ServicePrincipalId(entra.portal.create_application("Eptura")), JobId(entra.portal.create_job()))
    entra.faults.add(Fault.model_validate({"path": area, "kind": kind, "times": 20, "status": 503}))
    cloud = Cloud(entra.url, entra.url)
    async with NoWaitTransport(entra.environment["SSL_CERT_FILE"]) as transport:
        api = SynchronizationClient(GraphClient(cloud, credential_from(entra.environment, cloud, transport), transport))
        with pytest.raises(GraphError) as refused:
            await api.test_connection(job, ConnectionCredentials(entra.scim.url, f"{TOKEN}-wrong"))
        with pytest.raises(GraphError) as failed:
            await api.put_secrets(job.service_principal, {"NoSuchKey": TOKEN, "SecretToken": TOKEN})
    assert told(everything_of(refused.value), everything_of(failed.value)) == {}


def test_objects_with_a_secret_do_not_print_the_secret(entra: LocalEntra) -> None:
    settings = Settings(tenant_url="https://eptura.example/scim/v1/", secret_token=TOKEN)
    holders = [
        settings,
        settings.model_dump(),
        ConnectionCredentials("https://eptura.example", TOKEN),
        entra.tenant,
        Environment.of(entra.environment),
        SealingKey(),
    ]
    assert told(*map(repr, holders), *map(str, holders), *[getattr(held, "__dict__", "") for held in holders[:1]]) == {}


@pytest.mark.parametrize("wrong", [f"{TOKEN}\n", f"a {TOKEN}", f"{TOKEN}é", ""])
def test_settings_that_are_wrong_are_told_without_the_token(wrong: str) -> None:
    with pytest.raises(SettingsError, match="secretToken") as refused:
        settings_of_texts({"tenantUrl": "x", "secretToken": wrong, "unknown": "y"}, ["secretToken"])
    assert told(everything_of(refused.value)) == {}


def test_a_token_in_clear_is_refused_in_every_spelling() -> None:
    for name in ("secretToken", "secret_token"):
        with pytest.raises(SettingsError, match=f"{name}: (is stored unencrypted|is not a setting)") as refused:
            settings_of_texts({"tenantUrl": "https://eptura.example/scim/v1/", name: TOKEN}, [])
        assert told(str(refused.value)) == {}


def test_the_token_has_a_single_name_in_the_plugin(entra: LocalEntra) -> None:
    values = {"servicePrincipalId": "x", "jobId": "y", "tenantUrl": entra.scim.url, "secret_token": TOKEN}
    checked = check(
        SecretsInputs, SynchronizationSecrets().preprocess_inputs(URN, {"secretToken": TOKEN, **values}, {})
    )
    assert [failure.path for failure in checked.failures] == ["secret_token"]


def jwt() -> str:
    """What an identity provider would sign: its signature is the secret part."""
    head, claims = (
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"RS256"}', b'{"exp":9e9}')
    )
    return f"{head}.{claims}.{SIGNATURE}"


def pfx(password: str) -> tuple[bytes, str]:
    """A certificate with its key, and a part of the key as PEM writes it."""
    leaf = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert("login.example", key_type=trustme.KeyType.RSA)
    pem = leaf.private_key_pem.bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    certificate = load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    sealed = pkcs12.serialize_key_and_certificates(
        b"login", key, certificate, None, BestAvailableEncryption(password.encode())
    )
    return sealed, pem.decode().splitlines()[5]


@pytest.mark.parametrize("way", ["certificate", "OIDC token", "OIDC token file"])
async def test_no_login_leaves_a_trace_of_its_credentials(
    way: str, entra: LocalEntra, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    sealed, key = pfx(CLIENT_SECRET)
    (tmp_path / "login.pfx").write_bytes(sealed)
    (tmp_path / "token").write_text(jwt())
    variables = {
        "certificate": {
            "ARM_CLIENT_CERTIFICATE_PATH": str(tmp_path / "login.pfx"),
            "ARM_CLIENT_CERTIFICATE_PASSWORD": CLIENT_SECRET,
        },
        "OIDC token": {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": jwt()},
        "OIDC token file": {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": str(tmp_path / "token")},
    }
    others = {name: value for name, value in entra.environment.items() if name != "ARM_CLIENT_SECRET"}
    client = await connect({**others, **variables[way]})
    await client.request("GET", "/servicePrincipals")
    await client.close()
    text = "\n".join([caplog.text, *capfd.readouterr(), *map(str, entra.calls), *(str(c.body) for c in entra.calls)])
    assert len(entra.calls.logins()) == 1
    assert [*traces(CLIENT_SECRET, text), *traces(key, text), *traces(SIGNATURE, text)] == []
    assert "eyJ" not in text  # how every JWT begins, the access token too


def test_a_defect_of_the_command_line_shows_its_place_only() -> None:
    with pytest.raises(RuntimeError) as crash:
        raise RuntimeError(f"the request was {TOKEN} by {CLIENT_SECRET}")
    message, code = cli.explain(crash.value)
    assert "RuntimeError at test_secret_leaks.py:" in message
    assert code == 1
    assert told(message) == {}


def test_a_detached_local_entra_gets_no_credentials(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, CLIENT_SECRET)
    running = start_detached(folder)
    try:
        process = Path(f"/proc/{running.pid}")
        assert told((process / "environ").read_text(), (process / "cmdline").read_text()) == {}
    finally:
        stop(folder)
