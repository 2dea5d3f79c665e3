"""Client secrets of applications and service principals.

Source: Microsoft Graph v1.0, "application: addPassword", "removePassword", resource type passwordCredential. The secret
itself is in one answer only and is kept nowhere; nothing logs in with it here.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.types import Json

__all__ = ["add_password", "remove_password"]

_LIFETIME = timedelta(days=730)
_SETTABLE = frozenset({"displayName", "startDateTime", "endDateTime"})
_READ_ONLY = frozenset({"customKeyIdentifier", "hint", "keyId", "secretText"})
_SHOWN_CHARACTERS = 3  # of the secret, as `hint`


def add_password(item: Json, wanted: Any, now: datetime) -> Json:
    """Add a client secret to an application or service principal; what is answered. Raises ODataError 400."""
    wanted = {} if wanted is None else wanted
    if not isinstance(wanted, dict) or wanted.keys() - _SETTABLE - _READ_ONLY:
        raise _refused("passwordCredential has displayName, startDateTime and endDateTime.")
    if not all(value is None or isinstance(value, str) for value in wanted.values()):
        raise _refused("Invalid value specified for property 'passwordCredential'.")
    secret = secrets.token_urlsafe(30)
    kept = {
        "customKeyIdentifier": None,
        "displayName": wanted.get("displayName"),
        "endDateTime": wanted.get("endDateTime") or f"{now + _LIFETIME:%Y-%m-%dT%H:%M:%SZ}",
        "hint": secret[:_SHOWN_CHARACTERS],
        "keyId": str(uuid.uuid4()),
        "secretText": None,
        "startDateTime": wanted.get("startDateTime") or f"{now:%Y-%m-%dT%H:%M:%SZ}",
    }
    item["passwordCredentials"] = [*(item.get("passwordCredentials") or []), kept]
    return {**kept, "secretText": secret}


def remove_password(item: Json, key_id: Any) -> None:
    """Remove a client secret by its id. Raises ODataError 400 for one that the object does not have."""
    found = item.get("passwordCredentials") or []
    left = [credential for credential in found if credential.get("keyId") != str(key_id).lower()]
    if len(left) == len(found):
        raise _refused(f"No password credential found with keyId '{key_id}'.")
    item["passwordCredentials"] = left


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
