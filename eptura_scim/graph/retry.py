"""When a request is sent again, and for how long: azure-core's policy with limits of its own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from azure.core.pipeline.policies import AsyncRetryPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

__all__ = ["LONGEST_SECONDS", "RETRIES", "Comeback", "RetryPolicy", "comeback"]

RETRIES = 5
"""How often a request that failed for a passing reason is sent again, whatever the reasons are.

The pauses are 0, 1.6, 3.2, 6.4 and 12.8 s, 24 s in all, where the service does not say how long to wait.
"""

LONGEST_SECONDS = 300
"""No attempt of a request begins later than this after the first one, and pauses that the service asks for count."""

# Source: Microsoft Graph, "Error responses and resource types", which calls these temporary. 408 is RFC 9110's.
_PASSING = frozenset({408, 429, 500, 502, 503, 504, 509})


class Comeback(NamedTuple):
    """When a service asks to be called again (RFC 9110, 10.2.3)."""

    seconds: float
    moment: datetime

    def __str__(self) -> str:
        return f"in {self.seconds:.0f} s, at {self.moment:%Y-%m-%d %H:%M:%S} UTC"


class RetryPolicy(AsyncRetryPolicy[HttpRequest, AsyncHttpResponse]):
    """Sends a request again at most RETRIES times and for LONGEST_SECONDS, and does what Retry-After says.

    An answer that asks for a longer pause than is left is given back at once. A Retry-After that is neither a number
    of seconds nor a date counts as absent. A request whose method is not in `retry_on_methods` is sent again only where
    the service says that it did nothing (429).
    """

    def __init__(self, *, connect: int = RETRIES, **options: Any) -> None:
        """`connect` limits the retries of a connection that cannot be made; `options` are those of azure-core."""
        # azure-core counts each kind of failure apart, and three of each are its defaults.
        limits = {"retry_total": RETRIES, "retry_status": RETRIES, "retry_read": RETRIES, "retry_connect": connect}
        super().__init__(**{**options, **limits, "timeout": LONGEST_SECONDS})

    def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
        """The settings of one request, with the seconds of pauses that are left to it."""
        return {**super().configure_retries(options), "seconds_left": LONGEST_SECONDS}

    def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
        """Whether an answer is a reason to send the request again."""
        status = response.http_response.status_code
        if status not in _PASSING or settings["total"] <= 0:
            return False
        if response.http_request.method not in settings["methods"] and status != HTTPStatus.TOO_MANY_REQUESTS:
            return False
        settings["seconds_left"] -= self.get_retry_after(response) or 0
        return bool(settings["seconds_left"] >= 0)

    def get_retry_after(self, response: Any) -> float | None:
        """The seconds that an answer asks to wait, None where it does not say."""
        asked = comeback(response.http_response)
        return asked.seconds if asked else None


def comeback(response: AsyncHttpResponse) -> Comeback | None:
    """What Retry-After says, None where it says nothing readable. A date counts from the service's own clock."""
    value = str(response.headers.get("Retry-After") or "").strip()
    began = _date(str(response.headers.get("Date") or "")) or datetime.now(UTC)
    if re.fullmatch(r"[0-9]{1,9}", value):
        moment = began + timedelta(seconds=int(value))
    elif (date := _date(value)) is not None:
        moment = max(date, began)
    else:
        return None
    return Comeback((moment - began).total_seconds(), moment)


def _date(text: str) -> datetime | None:
    """An HTTP date in UTC."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.astimezone(UTC) if date.tzinfo else None
