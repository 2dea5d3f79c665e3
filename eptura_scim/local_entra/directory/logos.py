"""The logo of an application.

Source: Microsoft Graph v1.0, resource types application (`logo`, a stream) and informationalUrl (`logoUrl`); the image
types are those of "Update application".
"""

from __future__ import annotations

import base64

from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.app_records import LogoRecord

__all__ = ["logo_of", "set_logo"]

_BEGINNINGS = {"image/gif": b"GIF8", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}


def set_logo(directory: ApplicationRegistry, object_id: str, kind: str, image: bytes, url: str) -> None:
    """Replace the logo of an application; `url` becomes its `info.logoUrl`. Raises ODataError 400, 404."""
    with directory.lock:
        record = directory.record_of("applications", object_id)
        if kind not in _BEGINNINGS or not image.startswith(_BEGINNINGS[kind]):
            raise ODataError.bad_request("The logo is an image of the type gif, jpeg or png, as Content-Type names it.")
        record.logo = LogoRecord(kind=kind, image=base64.b64encode(image).decode())
        record.application["info"] = {**(record.application.get("info") or {}), "logoUrl": url}
        directory.save(record)
        directory.note(record, "applications", "Update application")


def logo_of(directory: ApplicationRegistry, object_id: str) -> tuple[str, bytes]:
    """Content type and image of an application's logo. Raises ODataError 404 for one that has none."""
    with directory.lock:
        found = directory.record_of("applications", object_id).logo
        if found is None:
            raise ODataError.no_object("logo")
        return found.kind, base64.b64decode(found.image)
