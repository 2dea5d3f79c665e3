"""The search for secrets finds them, however they are written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.security.traces import CLIENT_SECRET, TOKEN, found_in_files, traces

WAYS: dict[str, Callable[[str], str | bytes]] = {
    "plain": lambda secret: f"a {secret} b",
    "half": lambda secret: f"it begins with {secret[: len(secret) // 2]}",
    "backwards": lambda secret: secret[::-1],
    "json": lambda secret: json.dumps({"token": secret}),
    "json in json": lambda secret: json.dumps({"log": json.dumps({"token": secret})}),
    "form": lambda secret: urlencode({"client_secret": secret}),
    "path": lambda secret: f"/x/{quote(secret)}",
    "repr": lambda secret: repr({"token": secret}),
    "hex": lambda secret: secret.encode().hex(),
    "utf-16": lambda secret: secret.encode("utf-16"),
    "base64": lambda secret: base64.b64encode(secret.encode()),
    "base64 after one byte": lambda secret: base64.b64encode(f"x{secret}y".encode()),
    "base64 after two bytes": lambda secret: base64.b64encode(f"xx{secret}yy".encode()),
    "basic": lambda secret: base64.urlsafe_b64encode(f"client:{secret}".encode()),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("secret", [TOKEN, CLIENT_SECRET], ids=["token", "client secret"])
def test_a_secret_is_found_in_every_encoding(secret: str, way: str) -> None:
    assert traces(secret, WAYS[way](secret))


def test_another_text_holds_no_trace_of_the_secret(tmp_path: Path) -> None:
    assert traces(TOKEN, CLIENT_SECRET + json.dumps(CLIENT_SECRET)) == []
    (tmp_path / "log").write_text("nothing")
    assert found_in_files(TOKEN, tmp_path) == {}


def test_a_file_with_a_secret_is_named_with_its_encoding(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "x.json").write_text(json.dumps(TOKEN))
    (tmp_path / "secrets.json").write_text(json.dumps(TOKEN))
    found = found_in_files(TOKEN, tmp_path, but_for=["secrets.json"])
    assert list(found) == ["state/x.json"]
    assert "as JSON" in found["state/x.json"]
