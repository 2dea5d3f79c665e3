"""Which cloud: where Microsoft Graph, the login and the portal are, by the same variables as the azuread provider."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from azure.core import AsyncPipelineClient
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import UserAgentPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity import AzureAuthorityHosts

from eptura_scim.graph.errors import LoginError, ReplyError, UnreachableError
from eptura_scim.graph.portal import CHINA, GOVERNMENT, PUBLIC
from eptura_scim.graph.retry import RetryPolicy
from eptura_scim.unreachable import unreachable, why

__all__ = ["AGENT", "Cloud", "discover", "named"]

AGENT = "eptura-scim"
"""How Graph and the cloud's metadata see us."""


class Cloud(NamedTuple):
    """Base addresses, https and without a trailing slash."""

    graph: str
    login: str
    portal: str = ""
    """Empty where the cloud has none."""


# Source: Microsoft, "National cloud deployments" of Microsoft Graph; names as azuread's `environment`.
_PUBLIC = Cloud("https://graph.microsoft.com", f"https://{AzureAuthorityHosts.AZURE_PUBLIC_CLOUD}", PUBLIC)
_GOVERNMENT = (f"https://{AzureAuthorityHosts.AZURE_GOVERNMENT}", GOVERNMENT)
_CLOUDS = {
    "public": _PUBLIC,
    "global": _PUBLIC,
    "usgovernment": Cloud("https://graph.microsoft.us", *_GOVERNMENT),
    "usgovernmentl4": Cloud("https://graph.microsoft.us", *_GOVERNMENT),
    "usgovernmentl5": Cloud("https://dod-graph.microsoft.us", *_GOVERNMENT),
    "dod": Cloud("https://dod-graph.microsoft.us", *_GOVERNMENT),
    "china": Cloud(
        "https://microsoftgraph.chinacloudapi.cn",
        f"https://{AzureAuthorityHosts.AZURE_CHINA}",
        CHINA,
    ),
}


async def discover(environment: Mapping[str, str], transport: AioHttpTransport) -> Cloud:
    """The cloud that ARM_METADATA_HOSTNAME describes, else the one that ARM_ENVIRONMENT names (public).

    Raises LoginError for an unknown name, UnreachableError or ReplyError when the metadata cannot be read.
    """
    host = environment.get("ARM_METADATA_HOSTNAME", "")
    if host:
        return await _from_metadata(host, transport)
    return named(environment.get("ARM_ENVIRONMENT", "") or "public", "ARM_ENVIRONMENT")


def named(name: str, setting: str) -> Cloud:
    """The cloud of this name, which `setting` gives. Raises LoginError for an unknown one."""
    if name.lower() not in _CLOUDS:
        raise LoginError(f"{setting} is {name!r}; set it to one of {', '.join(sorted(_CLOUDS))}")
    return _CLOUDS[name.lower()]


async def _from_metadata(host: str, transport: AioHttpTransport) -> Cloud:
    url = f"https://{host}/metadata/endpoints?api-version=2022-09-01"
    client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
        url,
        # No connection at all is a wrong name or a server that is not running: no use in waiting.
        policies=[UserAgentPolicy(base_user_agent=AGENT), RetryPolicy(connect=0)],
        transport=transport,
    )
    try:
        reply = await client.send_request(HttpRequest("GET", url))
    except AzureError as error:
        raise UnreachableError(f"ARM_METADATA_HOSTNAME: {unreachable(host, why(error))}") from error
    if reply.status_code != HTTPStatus.OK:
        raise UnreachableError(f"ARM_METADATA_HOSTNAME: {url} answers {reply.status_code} {reply.reason}")
    try:
        document: Any = reply.json()
        graph, login = document["microsoftGraphResourceId"], document["authentication"]["loginEndpoint"]
        portal = str(document.get("portal") or "").rstrip("/")
        # A local Entra names itself as its portal, and has no page at the addresses of Microsoft's portal.
        return Cloud(graph.rstrip("/"), login.rstrip("/"), "" if portal == graph.rstrip("/") else portal)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReplyError(
            f"ARM_METADATA_HOSTNAME: {url} does not describe a cloud (microsoftGraphResourceId, "
            "authentication.loginEndpoint)"
        ) from error
