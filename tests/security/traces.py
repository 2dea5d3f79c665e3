"""The ways in which the bytes of a secret may lie somewhere, and the search for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, quote_plus

__all__ = ["CLIENT_SECRET", "TOKEN", "found_in_files", "traces"]

# Each encoding changes some of these characters; a header and Entra's login form can hold them all.
TOKEN = "t0ken/4f1c+\"\\%&=<b3>'8d2e~bytes"
CLIENT_SECRET = "s3cret/9a7b+\"\\%&=<c1>'5e0f~bytes"


def traces(secret: str, place: bytes | str) -> list[str]:
    """How a secret stands in a text or in bytes; empty where it does not."""
    held = place if isinstance(place, bytes) else place.encode("utf-8", "surrogateescape")
    return [name for name, written in _written(secret) if written in held]


def found_in_files(secret: str, folder: Path, *, but_for: Iterable[str] = ()) -> dict[str, list[str]]:
    """The files below a folder that hold a secret, and how; names in `but_for` are where it belongs."""
    found = {
        str(path.relative_to(folder)): traces(secret, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.name not in but_for
    }
    return {name: ways for name, ways in found.items() if ways}


def _written(secret: str) -> list[tuple[str, bytes]]:
    raw, half = secret.encode(), len(secret) // 2
    texts = {
        "plain": secret,
        "first half": secret[:half],
        "second half": secret[half:],
        "halves swapped": secret[half:] + secret[:half],
        "reversed": secret[::-1],
        "first half reversed": secret[:half][::-1],
        "second half reversed": secret[half:][::-1],
        "as JSON": json.dumps(secret)[1:-1],
        "as JSON in JSON": json.dumps(json.dumps(secret)[1:-1])[1:-1],
        "as Go's JSON": json.dumps(secret)[1:-1]
        .replace("&", r"\u0026")
        .replace("<", r"\u003c")
        .replace(">", r"\u003e"),
        "in a URL": quote(secret, safe=""),
        "in a path": quote(secret),
        "in a form": quote_plus(secret),
        "as Python writes it": repr(secret)[1:-1],
        "in hexadecimal": raw.hex(),
        "in capital hexadecimal": raw.hex().upper(),
    }
    written = [(name, text.encode()) for name, text in texts.items()]
    written.append(("in UTF-16", secret.encode("utf-16-le")))
    for alphabet, encode in (("base64", base64.b64encode), ("base64 for URLs", base64.urlsafe_b64encode)):
        # What stands before it in the encoded bytes shifts its letters in one of three ways; the edges are its own.
        for shift in range(3):
            whole = encode(b"\0" * shift + raw)
            written.append((f"{alphabet}, shifted by {shift}", whole[4 if shift else 0 : len(raw) // 3 * 4]))
    return written
