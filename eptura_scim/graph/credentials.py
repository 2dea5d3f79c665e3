"""Login with the same ARM_* variables as the azuread provider, by azure-identity's credentials.

Source: Pulumi, "Azure Active Directory: Installation & Configuration"; azuread provider, authentication guides.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from azure.identity.aio import (
    AzureCliCredential,
    AzurePipelinesCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from eptura_scim.errors import first_line
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.errors import LoginError, UnreachableError
from eptura_scim.graph.retry import RetryPolicy
from eptura_scim.unreachable import unreachable, why

__all__ = ["AZURE_CLI", "GitHubOidcCredential", "credential_from", "login_method_of", "refusal"]

AZURE_CLI = "az login"

_CREDENTIALS = (
    "ARM_CLIENT_SECRET",
    "ARM_CLIENT_SECRET_FILE_PATH",
    "ARM_CLIENT_CERTIFICATE",
    "ARM_CLIENT_CERTIFICATE_PATH",
    "ARM_OIDC_TOKEN",
    "ARM_OIDC_TOKEN_FILE_PATH",
)
"""Variables that hold a credential: an empty one is a mistake, and `az login` is not what was meant."""

_AUDIENCE = "api://AzureADTokenExchange"


_LOGIN_METHODS = {
    "AzureCliCredential": AZURE_CLI,
    "AzurePipelinesCredential": "OIDC of Azure DevOps",
    "CertificateCredential": "certificate",
    "ClientAssertionCredential": "OIDC token",
    "ClientSecretCredential": "client secret",
    "GitHubOidcCredential": "OIDC of GitHub Actions",
    "ManagedIdentityCredential": "managed identity",
    "WorkloadIdentityCredential": "workload identity of AKS",
}


def login_method_of(credential: AsyncTokenCredential) -> str:
    """How a credential of `credential_from` logs in, in words."""
    name = type(credential).__name__
    return _LOGIN_METHODS.get(name, name)


class _Variables:
    """Reads the environment; a name that must be set and is not is one clear error."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def get(self, *names: str) -> str:
        return next((self._environment[name] for name in names if self._environment.get(name)), "")

    def on(self, name: str) -> bool:
        return self.get(name).lower() in {"1", "true", "yes"}

    def need(self, login_method: str, *names: str) -> str:
        value = self.get(*names)
        if not value:
            empty = self.empty(*names)
            raise LoginError(
                f"{login_method} needs {' or '.join(names)} in the environment{f'; {empty}' if empty else ''}"
            )
        return value

    def empty(self, *names: str) -> str:
        """Which of these variables are set to an empty text, `A is set and empty`; empty where none is."""
        found = [name for name in names if self._environment.get(name) == ""]
        return f"{' and '.join(found)} {'is' if len(found) == 1 else 'are'} set and empty" if found else ""

    def client_and_tenant(self, login_method: str) -> dict[str, str]:
        client_id = self.from_file("ARM_CLIENT_ID_FILE_PATH") if not self.get("ARM_CLIENT_ID") else ""
        client_id = client_id or self.need(login_method, "ARM_CLIENT_ID")
        return {"tenant_id": self.need(login_method, "ARM_TENANT_ID"), "client_id": client_id}

    def from_file(self, name: str) -> str:
        path = self.get(name)
        if not path:
            return ""
        try:
            text = Path(path).read_text().strip()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise LoginError(f"{name}: {path!r} cannot be read ({reason})") from error
        if not text:
            raise LoginError(f"{name}: the file {path!r} is empty")
        return text


def credential_from(environment: Mapping[str, str], cloud: Cloud, transport: AioHttpTransport) -> AsyncTokenCredential:
    """The credential that the variables describe, in azuread's order: certificate, secret, OIDC, managed identity, CLI.

    Raises LoginError that names the variable that is missing or wrong.
    """
    try:
        return _chosen(_Variables(environment), cloud, transport)
    except ValueError as error:  # of azure-identity, which names what is wrong and no secret
        raise LoginError(f"the variables of the login (ARM_*, AZURE_*) are wrong: {first_line(error)}") from None


def _chosen(variables: _Variables, cloud: Cloud, transport: AioHttpTransport) -> AsyncTokenCredential:
    common: dict[str, Any] = {
        "authority": cloud.login,
        "disable_instance_discovery": True,
        "transport": transport,  # one connection pool, and its trust, for Graph and the login
        "retry_policy_class": RetryPolicy,
    }
    if variables.get("ARM_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE_PATH"):
        return _certificate(variables, common)
    if variables.get("ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH"):
        secret = variables.get("ARM_CLIENT_SECRET") or variables.from_file("ARM_CLIENT_SECRET_FILE_PATH")
        return ClientSecretCredential(
            client_secret=secret, **variables.client_and_tenant("Login with a client secret"), **common
        )
    if variables.on("ARM_USE_OIDC"):
        return _oidc(variables, common, transport)
    if variables.on("ARM_USE_AKS_WORKLOAD_IDENTITY"):
        return WorkloadIdentityCredential(**common)
    if variables.on("ARM_USE_MSI"):
        return ManagedIdentityCredential(client_id=variables.get("ARM_CLIENT_ID") or None, transport=transport)
    if variables.get("ARM_USE_CLI").lower() == "false":
        raise LoginError(
            "no way to log in to Entra: set ARM_CLIENT_SECRET, ARM_CLIENT_CERTIFICATE_PATH, ARM_USE_OIDC or "
            "ARM_USE_MSI, or leave ARM_USE_CLI unset to use `az login`"
        )
    if not variables.on("ARM_USE_CLI") and (empty := variables.empty(*_CREDENTIALS)):
        raise LoginError(
            f"no way to log in to Entra: {empty}. In a pipeline: is the secret defined, and may this run read it? "
            "Unset the variable to use `az login`"
        )
    return AzureCliCredential(tenant_id=variables.get("ARM_TENANT_ID"))


def _certificate(variables: _Variables, common: dict[str, Any]) -> AsyncTokenCredential:
    login_method = "Login with a certificate"
    arguments: dict[str, Any] = {**variables.client_and_tenant(login_method), **common}
    if password := variables.get("ARM_CLIENT_CERTIFICATE_PASSWORD"):
        arguments["password"] = password
    path = variables.get("ARM_CLIENT_CERTIFICATE_PATH")
    try:
        if path:
            return CertificateCredential(certificate_path=path, **arguments)
        data = base64.b64decode(variables.get("ARM_CLIENT_CERTIFICATE"), validate=True)
        return CertificateCredential(certificate_data=data, **arguments)
    except OSError as error:
        raise LoginError(f"ARM_CLIENT_CERTIFICATE_PATH: {path!r} cannot be read ({error.strerror})") from None
    except (ValueError, binascii.Error) as error:
        raise LoginError(
            f"{login_method}: the certificate cannot be used ({type(error).__name__}); is the password right?"
        ) from None


def _oidc(variables: _Variables, common: dict[str, Any], transport: AioHttpTransport) -> AsyncTokenCredential:
    login_method = "Login with OIDC (ARM_USE_OIDC)"
    who = variables.client_and_tenant(login_method)
    if assertion := variables.get("ARM_OIDC_TOKEN") or variables.from_file("ARM_OIDC_TOKEN_FILE_PATH"):
        return ClientAssertionCredential(func=lambda: assertion, **who, **common)
    connection = variables.get("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID")
    if connection:
        token = variables.need(login_method, "SYSTEM_ACCESSTOKEN", "ARM_OIDC_REQUEST_TOKEN")
        # It asks Azure DevOps through a synchronous pipeline of its own, which can use neither our transport nor our
        # retry policy. Trust is given by the file that our transport uses.
        own = {name: value for name, value in common.items() if name not in {"transport", "retry_policy_class"}}
        own["connection_verify"] = variables.get("SSL_CERT_FILE") or True
        return AzurePipelinesCredential(service_connection_id=connection, system_access_token=token, **who, **own)
    url = variables.need(login_method, "ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL")
    token = variables.need(login_method, "ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    return GitHubOidcCredential(url, token, transport, {**who, **common})


class GitHubOidcCredential(AsyncTokenCredential):
    """Exchanges the OIDC token of a GitHub Actions job for one of Entra.

    Source: GitHub, "OpenID Connect reference": GET the request URL with an audience and the request token.
    """

    def __init__(self, url: str, request_token: str, transport: AioHttpTransport, who: dict[str, Any]) -> None:
        self._url, self._request_token, self._transport, self._who = url, request_token, transport, who
        self._credential: ClientAssertionCredential | None = None

    async def get_token(self, *scopes: str, **kwargs: Any) -> AccessToken:
        """A token for the scopes. Raises LoginError when GitHub gives no OIDC token, UnreachableError."""
        if self._credential is None:
            assertion = await self._assertion()
            self._credential = ClientAssertionCredential(func=lambda: assertion, **self._who)
        return await self._credential.get_token(*scopes, **kwargs)

    async def close(self) -> None:
        """Release connections."""
        if self._credential is not None:
            await self._credential.close()

    async def __aenter__(self) -> GitHubOidcCredential:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _assertion(self) -> str:
        separator = "&" if "?" in self._url else "?"
        request = HttpRequest(
            "GET",
            f"{self._url}{separator}audience={_AUDIENCE}",
            headers={"Authorization": f"Bearer {self._request_token}", "Accept": "application/json"},
        )
        try:
            reply: Any = await self._transport.send(request)
            await reply.load_body()
            return str(json.loads(reply.body())["value"])
        except AzureError as error:
            raise UnreachableError(f"GitHub's OIDC: {unreachable(urlsplit(self._url).netloc, why(error))}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise LoginError(
                "GitHub gave no OIDC token: does the workflow have `permissions: id-token: write`?"
            ) from error


_FEDERATED = (
    "no federated credential of the application ARM_CLIENT_ID fits the token of this pipeline: compare issuer and "
    "subject (docs/identities.md)"
)
_REFUSALS = {
    "7000215": "the client secret is wrong: ARM_CLIENT_SECRET needs the value of a client secret of the application "
    "ARM_CLIENT_ID, not the secret's id",
    "7000222": "the client secret has expired: make another (App registrations, Certificates & secrets), and set "
    "ARM_CLIENT_SECRET to its value",
    "90002": "the tenant of ARM_TENANT_ID does not exist in this cloud: set it to the id or a domain of your tenant; "
    "ARM_ENVIRONMENT chooses the cloud",
    "900023": "ARM_TENANT_ID is neither the id nor a domain of a tenant: copy it from Entra's overview page",
    "700016": "ARM_CLIENT_ID is not the client id of an application in the tenant of ARM_TENANT_ID: copy both from App "
    "registrations",
    "7000112": "the application ARM_CLIENT_ID is disabled: enable it (Enterprise applications, Properties)",
    "700027": "the certificate is not one of the application ARM_CLIENT_ID, or has expired: upload it (App "
    "registrations, Certificates & secrets)",
    "700024": "the assertion is not valid at this time: set this machine's clock, or get a new OIDC token",
    "70021": _FEDERATED,
    "700211": _FEDERATED,
    "700213": _FEDERATED,
    "90033": "Entra is not available at the moment: run again in some minutes",
    "53003": "a Conditional Access policy blocks this login: ask your administrator",
    "50076": "the login needs multifactor authentication: run `az login` again",
}
_NUMBER = re.compile(r"AADSTS(\d+)")


def refusal(text: str) -> str:
    """What a refused login means and what to do, by the AADSTS number in the platform's text; empty for other numbers.

    Source: Microsoft, "Microsoft Entra authentication and authorization error codes".
    """
    found = _NUMBER.search(text)
    return _REFUSALS.get(found[1], "") if found else ""
