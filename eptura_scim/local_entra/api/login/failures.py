"""What the platform answers instead of a token.

Source: Microsoft identity platform, "Microsoft Entra authentication and authorization error codes".
"""

from __future__ import annotations

import uuid
from typing import Any

from starlette.responses import JSONResponse, Response

from eptura_scim.local_entra.clock import Clock

__all__ = ["TokenRefusedError", "fault_of_login", "login_failure"]


class TokenRefusedError(Exception):
    """What the platform answers instead of a token: status, OAuth 2.0 error, and the number and text of AADSTS."""

    def __init__(self, status: int, error: str, number: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.number, self.text = status, error, number, text


def fault_of_login(status: int) -> TokenRefusedError:
    """What the platform answers with a status, when nothing is wrong with the request ("error codes")."""
    if status == 429:
        return TokenRefusedError(429, "temporarily_unavailable", 90055, "There are too many incoming requests.")
    if status >= 500:
        return TokenRefusedError(
            status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again."
        )
    if status == 401:
        return TokenRefusedError(401, "invalid_client", 7000215, "Invalid client secret provided.")
    if status == 403:
        return TokenRefusedError(403, "access_denied", 53003, "Access has been blocked by Conditional Access policies.")
    return TokenRefusedError(status, "invalid_request", 90014, "The required field is missing.")


def login_failure(error: TokenRefusedError, base: str, clock: Clock) -> Response:
    """The platform's body of a login that fails."""
    trace, now = str(uuid.uuid4()), f"{clock():%Y-%m-%d %H:%M:%SZ}"
    correlation = str(uuid.uuid4())
    body: dict[str, Any] = {
        "error": error.error,
        "error_description": (
            f"AADSTS{error.number}: {error.text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}"
        ),
        "error_codes": [error.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"{base}/error?code={error.number}",
    }
    return JSONResponse(body, status_code=error.status)
