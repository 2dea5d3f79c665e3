"""The commands' side of the local Entra's own JSON; beside Graph, because Graph has no such call."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eptura_scim.local_entra import LocalEntraError

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalStatus

__all__ = ["get", "post"]

_SECONDS = 600.0
"""A cycle over many users takes minutes."""


def get(running: LocalStatus, what: str, parameters: Mapping[str, str | None]) -> str:
    """The JSON of something. Raises LocalEntraError."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return _asked(running, "GET", what, params=given)


def post(running: LocalStatus, what: str, body: Mapping[str, Any]) -> str:
    """Have something done; the JSON of its result. Raises LocalEntraError."""
    return _asked(running, "POST", what, json=dict(body), headers={"Origin": running.url})


def _asked(running: LocalStatus, method: str, what: str, **request: Any) -> str:
    import httpx

    trust = ssl.create_default_context(cafile=running.environment["SSL_CERT_FILE"])
    try:
        # Without the environment's proxies: the address is this machine's.
        with httpx.Client(verify=trust, timeout=_SECONDS, trust_env=False) as client:
            answer = client.request(method, f"{running.url}/portal/api/{what}", **request)
    except httpx.HTTPError as error:
        raise LocalEntraError(f"the local Entra at {running.url} does not answer ({type(error).__name__})") from None
    if answer.status_code == 200:
        return answer.text
    if answer.status_code == 400:
        raise LocalEntraError(str(answer.json()["error"]))
    raise LocalEntraError(
        f"the local Entra at {running.url} answered {answer.status_code}; it may be of another version: stop it with "
        "`eptura-scim local stop` and start it again"
    )
