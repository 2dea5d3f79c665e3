"""The local Entra's own certificate authority, and the bundle that makes clients trust it."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme

from eptura_scim.local_entra.errors import StateCorruptError
from eptura_scim.local_entra.state_files import write_atomically

__all__ = ["Certificates"]


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of a folder. They are made once: clients that trust them still do after a restart."""

    server: Path
    """The server's key and certificate, for localhost and 127.0.0.1."""
    bundle: Path
    """Its authority and those that this machine trusts, for SSL_CERT_FILE."""

    @classmethod
    def of(cls, folder: Path) -> Certificates:
        """The certificates of a folder, made when it has none. Raises StateCorruptError."""
        server, bundle, authority, key = (folder / name for name in ("server.pem", "bundle.pem", "ca.pem", "ca.key"))
        if authority.exists() and key.exists():
            try:
                own = trustme.CA.from_pem(authority.read_bytes(), key.read_bytes())
            except (ValueError, TypeError) as error:
                raise StateCorruptError(
                    f"the certificate authority {authority} or its key cannot be read ({type(error).__name__}); "
                    "nothing was changed. Move both away to have new ones made"
                ) from error
        else:
            own = trustme.CA(organization_name="Local Entra", organization_unit_name="for tests only")
            write_atomically(key, own.private_key_pem.bytes().decode())
            write_atomically(authority, own.cert_pem.bytes().decode())
            server.unlink(missing_ok=True)
        if not server.exists():
            leaf = own.issue_cert("localhost", "127.0.0.1")
            write_atomically(server, leaf.private_key_and_cert_chain_pem.bytes().decode())
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(server)
        except ssl.SSLError as error:
            raise StateCorruptError(
                f"the certificate {server} cannot be read; nothing was changed. Move it away to have a new one made"
            ) from error
        write_atomically(bundle, own.cert_pem.bytes().decode() + _trusted_here(bundle))
        return cls(server, bundle)

    def context(self) -> ssl.SSLContext:
        """What a client needs to trust the bundle."""
        return ssl.create_default_context(cafile=str(self.bundle))


def _trusted_here(bundle: Path) -> str:
    """The authorities that this process trusts already: SSL_CERT_FILE, the system's, certifi's, the first there is."""
    # `openssl_cafile` and not `cafile`, which is SSL_CERT_FILE again.
    candidates = [os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().openssl_cafile]
    found = (
        name
        for name in candidates
        if name and Path(name).is_file() and not (bundle.exists() and Path(name).samefile(bundle))
    )
    return Path(next(found, certifi.where())).read_text(encoding="utf-8", errors="replace")
