"""A real browser without a window, for tests of pages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path

import pytest

__all__ = ["LONG", "WIDTHS", "browse", "document", "needs_chromium", "overflows"]

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

needs_chromium = pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium is here")

WIDTHS = (390, 1280)
"""Of a phone and of a desktop, in pixels."""

LONG = "scim." + "2" * 60 + "x" * 400
"""A text that no line holds."""

# The most a frame can be scrolled sideways, by title, as the title of the document.
_MEASURE = (
    "onload=()=>{document.title=JSON.stringify(Object.fromEntries([...document.querySelectorAll('iframe')].map(frame=>{"
    "const root=frame.contentDocument.documentElement;"
    "return [frame.title,root.scrollWidth-root.clientWidth]})))}"
)


def browse(address: str, profile: Path, *options: str) -> str:
    """Load an address; gives what the browser prints. `profile` is a folder for what the browser keeps."""
    done = subprocess.run(
        [
            str(_CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", *options,
            address,
        ],
        env={**os.environ, "HOME": str(profile)},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )  # fmt: skip
    return done.stdout


def document(address: str, profile: Path, *options: str) -> str:
    """The document as the browser has it after loading an address."""
    return browse(address, profile, "--virtual-time-budget=3000", *options, "--dump-dom")


def overflows(pages: Mapping[str, str], folder: Path) -> dict[str, int]:
    """How many pixels each page is too wide, by its name and width: `drift 390`."""
    frames = "".join(
        # Without the policy of the page: a frame inherits it, and the script that measures could not run.
        f'<iframe title="{name} {width}" width="{width}" height="800" '
        f'srcdoc="{escape(re.sub("<meta http-equiv[^>]*>", "", html), quote=True)}"></iframe>'
        for name, html in pages.items()
        for width in WIDTHS
    )
    file = folder / "frames.html"
    file.write_text(f"<!DOCTYPE html><title>-</title>{frames}<script>{_MEASURE}</script>", encoding="utf-8")
    found = re.search("<title>(.*?)</title>", document(file.as_uri(), folder / "profile"))
    assert found is not None
    measured: dict[str, int] = json.loads(unescape(found[1]))
    return measured
