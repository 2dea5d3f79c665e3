"""What a JSON web token says of itself."""

from __future__ import annotations

import base64
import json
from typing import Any

__all__ = ["jwt_claims"]


def jwt_claims(token: str) -> dict[str, Any] | None:
    """The claims of a token; None for a text that is not a JWT (RFC 7519). The signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
