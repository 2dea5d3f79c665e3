"""Pictures of the pages that commands write, from a real browser, at the widths of a desktop and of a phone.

EPTURA_SCIM_PICTURES names a folder that keeps them. Skipped without Chromium.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import zlib
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.browser import browse, needs_chromium
from tests.integration.terminal import Terminal
from tests.unit.operations.preview_samples import edited_by_hand

WIDTHS = (1280, 390)
HEIGHT = 2000
PEOPLE = [
    {"id": f"0000000{number}-0000-4000-8000-000000000000", "userPrincipalName": name, "mailNickname": name[:3],
     "displayName": name, "accountEnabled": True, "businessPhones": [phone], "givenName": "Ann", "surname": "Lee"}
    for number, (name, phone) in enumerate(
        [("ann.lee@example.com", "+49 30 1234"), ("ANN.LEE@example.com", "call me"), ("bo.ek@example.com", "030/12 34")]
    )
]  # fmt: skip


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    """The four pages, each written by its command beside an application with drift, failures and a quarantine."""
    with LocalEntra.start() as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        entra.portal.set_tenant_url(entra.scim.url)
        entra.portal.set_secret_token(entra.scim.token)
        entra.portal.start()
        asyncio.run(entra.provisioning.run_cycle())
        entra.portal.rename("Old Eptura")
        entra.portal.quarantine()
        terminal = Terminal(tmp_path, entra)
        application, principal = "00000000-0000-4000-8000-000000000000", str(entra.portal.service_principal()["id"])
        terminal.export_outputs(servicePrincipalObjectId=principal, jobId=str(entra.portal.job()["id"]))
        preview, people = tmp_path / "preview.json", tmp_path / "people.ndjson"
        preview.write_text(edited_by_hand(application, principal))
        people.write_text("".join(f"{json.dumps(one)}\n" for one in PEOPLE))
        environment = {"PLAIN_PULUMI_PREVIEW": str(preview)}

        def written(*arguments: str) -> str:
            file = tmp_path / f"{arguments[0]}.html"
            done = terminal.run(*arguments, "--html", str(file), **environment)
            assert file.exists(), done.output + done.stderr
            return file.read_text(encoding="utf-8")

        return {
            "drift": terminal.run("drift", "--format", "html", **environment).stdout,
            "fleet": written("fleet", "prod", "missing"),
            "report": written("report", "--stack", "prod"),
            "check-directory": written("check-directory", str(people), "--phone-work", "rfc3966"),
        }


@pytest.fixture
def photograph(tmp_path: Path) -> Callable[[str, str], Path]:
    """Makes one picture of a page: at each of the widths, side by side."""
    folder = Path(os.environ.get("EPTURA_SCIM_PICTURES") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)

    def make(name: str, html: str) -> Path:
        frames = "".join(
            f'<iframe width="{width}" height="{HEIGHT}" srcdoc="{escape(html, quote=True)}"></iframe>'
            for width in WIDTHS
        )
        file, picture = tmp_path / f"{name}-frames.html", folder / f"{name}.png"
        style = "body{margin:0;display:flex}iframe{border:0;flex:none}"
        file.write_text(f'<!DOCTYPE html><meta charset="utf-8"><style>{style}</style>{frames}', encoding="utf-8")
        browse(
            file.as_uri(),
            tmp_path / "profile",
            "--hide-scrollbars",
            f"--window-size={sum(WIDTHS)},{HEIGHT}",
            "--force-device-scale-factor=1",
            f"--screenshot={picture}",
        )
        return picture

    return make


@pytest.mark.slow
@needs_chromium
def test_each_page_is_drawn_at_both_widths(pages: dict[str, str], photograph: Callable[[str, str], Path]) -> None:
    for name, html in pages.items():
        desktop, phone = inked(photograph(name, html).read_bytes())
        assert desktop > 100, name
        assert phone > 100, name


@needs_chromium
def test_a_picture_of_nothing_is_known_as_such(photograph: Callable[[str, str], Path]) -> None:
    assert inked(photograph("empty", "<!DOCTYPE html><p>").read_bytes()) == (0, 0)


def inked(picture: bytes) -> tuple[int, ...]:
    """How many lines of a picture, at each of the widths, are not of one colour. Source: PNG, RFC 2083."""
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", picture[16:26])
    assert (width, height, depth) == (sum(WIDTHS), HEIGHT, 8)
    channels = {2: 3, 6: 4}[kind]
    # Filters turn one colour into zeros, or leave it as it is; the first pixel of a line may differ.
    lines = zlib.decompress(b"".join(_data(picture)))
    length, places = 1 + width * channels, ((0, WIDTHS[0]), (WIDTHS[0], width))
    counts = [0 for _ in places]
    for start in range(0, len(lines), length):
        for index, (left, right) in enumerate(places):
            part = lines[start + 1 + (left + 4) * channels : start + 1 + (right - 4) * channels]
            counts[index] += len(set(part)) > channels
    return tuple(counts)


def _data(picture: bytes) -> list[bytes]:
    found, place = [], 8
    while place < len(picture):
        [size] = struct.unpack(">I", picture[place : place + 4])
        if picture[place + 4 : place + 8] == b"IDAT":
            found.append(picture[place + 8 : place + 8 + size])
        place += 12 + size
    return found
