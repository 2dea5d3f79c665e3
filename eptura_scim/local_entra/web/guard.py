"""Who may use the pages: a browser on this machine, and nothing that another site made it send.

The server listens on the loopback address alone. A name that another site points at this address (DNS rebinding) shows
in `Host`; a form of another site shows in `Origin`, which browsers send with each POST. Source: OWASP, "Cross-Site
Request Forgery Prevention", verifying origin with standard headers.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

_OWN_HOST = re.compile(r"(?:localhost|127\.0\.0\.1)(?::\d{1,5})?", re.IGNORECASE)
_HEADERS = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)


class Guard:
    """Refuses requests of other sites, and sends the headers that keep a page to itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it with 403."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        problem = _problem(scope)
        app = self._app if problem is None else PlainTextResponse(problem, 403)
        await app(scope, receive, guarded)


def _problem(scope: Scope) -> str | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not _OWN_HOST.fullmatch(host):
        return "The pages of the local Entra are at https://localhost alone.\n"
    if scope["method"] not in {"GET", "HEAD"} and headers.get("origin", "").lower() != f"https://{host}".lower():
        return "This request does not come from a page of the local Entra: its Origin is another, or missing.\n"
    return None
