"""Sealing of a secret for the plugin's process: the engine between passes it on, and logs it, unreadable.

HPKE (RFC 9180) with a key that the plugin makes when it is asked for it and that ends with its process.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

__all__ = ["PREFIX", "SealingKey", "UnsealError", "seal"]

PREFIX = "sealed.v1."
"""How a sealed secret begins."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class UnsealError(ValueError):
    """The text was not sealed for this key."""


class SealingKey:
    """The private key of one process."""

    def __init__(self) -> None:
        self._key = X25519PrivateKey.generate()

    @property
    def public(self) -> str:
        """What `seal` needs, as text."""
        return base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def unseal(self, sealed: str) -> str:
        """The secret of a sealed text. Raises UnsealError."""
        try:
            return _SUITE.decrypt(base64.b64decode(sealed.removeprefix(PREFIX)), self._key).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise UnsealError("was sealed for another process") from error


def seal(public: str, secret: str) -> str:
    """A text that only the owner of the public key can read."""
    key = X25519PublicKey.from_public_bytes(base64.b64decode(public))
    return PREFIX + base64.b64encode(_SUITE.encrypt(secret.encode(), key)).decode()
