"""What can go wrong between here and Microsoft Graph.

GraphError
├── LoginError              no credentials, or Entra refused them
├── UnreachableError        no connection, no answer in time, TLS
├── NotFoundError           404: the object is gone, or not yet replicated
├── ConflictError           409: the object is being changed by another request
├── ForbiddenError          401, 403: a permission or role is missing
├── CredentialsRejectedError   the SCIM endpoint failed the connection test
├── ReplyError              an answer that is not what Graph documents
└── RequestRefusedError     any other 3xx, 4xx or 5xx
"""

from __future__ import annotations

import re

from eptura_scim.errors import ReadableError

__all__ = [
    "ConflictError",
    "CredentialsRejectedError",
    "ForbiddenError",
    "GraphError",
    "LoginError",
    "NotFoundError",
    "ReplyError",
    "RequestRefusedError",
    "UnreachableError",
    "web_page_from",
]

_WEB_PAGE = re.compile(r"<(?:!doctype\b|html\b)", re.IGNORECASE)


class GraphError(ReadableError):
    """Any failure of a call to Microsoft Graph."""


class LoginError(GraphError):
    """Credentials are missing or unusable, or Entra refused them."""


class UnreachableError(GraphError):
    """Graph or the login endpoint could not be reached, or did not answer in time."""


class NotFoundError(GraphError):
    """Graph does not know the object: it is gone, or a change has not reached the replica that was asked."""


class ConflictError(GraphError):
    """Another change of the object is under way, or has not reached every replica."""


class ForbiddenError(GraphError):
    """The identity may not do this."""


class CredentialsRejectedError(GraphError):
    """Entra tested the connection to the SCIM endpoint and it failed."""


class ReplyError(GraphError):
    """An answer was cut short, cannot be decoded, is not JSON, or not of the documented shape."""


class RequestRefusedError(GraphError):
    """Graph refused the request, or failed, for another reason. `code` is Graph's error code, `status` HTTP's."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def web_page_from(host: str, text: str) -> str:
    """What to do about a web page that came where Microsoft answers with JSON; empty for another text."""
    if _WEB_PAGE.search(text) is None:
        return ""
    return (
        f"{host} answered with a web page: a proxy, a firewall or the login page of this network is in between. Open "
        f"https://{host} in a browser to see the page, or set HTTPS_PROXY to the proxy of this network; then run again"
    )
