"""Certificates of applications and service principals.

Source: Microsoft Graph v1.0, resource type keyCredential, "Update application", "servicePrincipal:
addTokenSigningCertificate", resource type selfSignedCertificate. Nothing logs in and nothing is signed with them here.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.types import Json

__all__ = ["add_token_signing_certificate", "completed_keys", "without_keys"]

_CERTIFICATE = "AsymmetricX509Cert"
_DEFAULT_NAME = "CN=Microsoft Azure Federated SSO Certificate"  # as the portal names those that it makes
_LIFETIME = timedelta(days=3 * 365)
_LONGEST = timedelta(days=3 * 366)
_EMPTY: Json = {
    "customKeyIdentifier": None,
    "displayName": None,
    "endDateTime": None,
    "key": None,
    "keyId": None,
    "startDateTime": None,
    "type": None,
    "usage": None,
}


def completed_keys(wanted: Iterable[Json], before: Iterable[Json]) -> list[Json]:
    """The `keyCredentials` that a body writes, with what Graph adds: the thumbprint and the dates of the certificate.

    A credential that is kept may be sent without its key, which a list does not show. Raises ODataError 400.
    """
    known = {str(credential.get("keyId")): credential for credential in before}
    return [_completed(credential, known.get(str(credential.get("keyId")))) for credential in wanted]


def without_keys(item: Mapping[str, Any]) -> Json:
    """An object as it is shown: `key` is returned on `$select` of `keyCredentials` of one object alone."""
    shown = dict(item)
    if shown.get("keyCredentials"):
        shown["keyCredentials"] = [{**credential, "key": None} for credential in shown["keyCredentials"]]
    return shown


def add_token_signing_certificate(principal: Json, wanted: Json, now: datetime) -> Json:
    """Make a self-signed certificate of a service principal; what is answered. Raises ODataError 400."""
    name = wanted.get("displayName") or _DEFAULT_NAME
    if not isinstance(name, str) or not name.startswith("CN=") or wanted.keys() - {"displayName", "endDateTime"}:
        raise _refused("addTokenSigningCertificate has displayName, which starts with 'CN=', and endDateTime.")
    now = now.replace(microsecond=0)
    end = _moment(wanted.get("endDateTime"), now + _LIFETIME)
    if not now < end <= now + _LONGEST:
        raise _refused("endDateTime of a token signing certificate is in up to three years.")
    certificate = _self_signed(name, now, end)
    kept = {
        **_EMPTY,
        "customKeyIdentifier": base64.b64encode(certificate.fingerprint(hashes.SHA1())).decode(),  # noqa: S303
        "displayName": name,
        "startDateTime": _written(now),
        "endDateTime": _written(end),
    }
    public = {**kept, "key": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}
    signing, password = str(uuid.uuid4()), str(uuid.uuid4())
    principal["keyCredentials"] = [
        *(principal.get("keyCredentials") or []),
        {**kept, "keyId": signing, "type": "X509CertAndPassword", "usage": "Sign"},
        {**public, "keyId": str(uuid.uuid4()), "type": _CERTIFICATE, "usage": "Verify"},
    ]
    secret = {**kept, "hint": None, "keyId": password, "secretText": None}
    principal["passwordCredentials"] = [
        *(principal.get("passwordCredentials") or []),
        {name: value for name, value in secret.items() if name not in {"key", "type", "usage"}},
    ]
    # The id is that of the key that signs, as users of azuread found; the page leaves open which.
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
    return {**public, "keyId": signing, "thumbprint": thumbprint, "type": _CERTIFICATE, "usage": "Verify"}


def _completed(wanted: Json, before: Json | None) -> Json:
    given = {**_EMPTY, **{name: value for name, value in wanted.items() if not name.startswith("@odata.")}}
    if unknown := given.keys() - _EMPTY.keys():
        raise _refused(f"Invalid property '{min(unknown)}'.")
    if before is not None and given["key"] is None:
        return {**before, **{name: value for name, value in given.items() if value is not None}}
    if not given["type"] or not given["usage"]:
        raise _refused("A value is required for the properties 'type' and 'usage' of resource 'KeyCredential'.")
    made = {**given, "keyId": given["keyId"] or str(uuid.uuid4())}
    if given["type"] != _CERTIFICATE:
        return made
    certificate = _certificate(given["key"])
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    start, end = _moment(given["startDateTime"], first), _moment(given["endDateTime"], last)
    if start >= end or end > last:
        raise _refused("Key credential end date is invalid.")
    thumbprint = certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
    return {
        **made,
        "customKeyIdentifier": given["customKeyIdentifier"] or thumbprint,
        "startDateTime": _written(start),
        "endDateTime": _written(end),
    }


def _certificate(key: Any) -> x509.Certificate:
    """The certificate in a key: base64 of DER or of PEM, as Graph takes both. Raises ODataError 400."""
    try:
        raw = base64.b64decode(key, validate=True)
        if raw.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(raw)
        return x509.load_der_x509_certificate(raw)
    except (TypeError, ValueError, binascii.Error):
        raise _refused("Key value is invalid certificate.") from None


def _self_signed(name: str, start: datetime, end: datetime) -> x509.Certificate:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name.removeprefix("CN=") or "CN")])
    builder = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), start, end)
    return builder.sign(key, hashes.SHA256())


def _moment(text: Any, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _refused("The dates of a credential are written as 2026-01-31T00:00:00Z.") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _refused(message: str) -> ODataError:
    return ODataError.bad_request(message, "Request_BadRequest")
