"""A real browser without a window, for tests of pages."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html import escape, unescape
from pathlib import Path
from typing import Any

import aiohttp
import pytest

__all__ = ["LONG", "WIDTHS", "Tab", "browse", "document", "needs_chromium", "overflows", "tab"]

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


class Tab:
    """A tab that a test drives as a person does: pages are opened, fields filled, buttons pressed.

    Source: Chrome DevTools Protocol, domains Page and Runtime.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and wait for its answer."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            answer = await self._socket.receive_json(timeout=60)
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    async def run(self, script: str) -> Any:
        """The value of a script in the page."""
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def loaded(self, act: str) -> None:
        """Do something that leads to another document, and wait until that is there."""
        await self.run("window.before = true")
        await self.run(act)
        while True:
            try:
                if await self.run("!window.before && document.readyState === 'complete'"):
                    return
            except AssertionError:
                pass  # between two documents there is nothing to ask
            await asyncio.sleep(0.05)

    async def open(self, address: str) -> None:
        """Load an address."""
        await self.loaded(f"location.href = {json.dumps(address)}")

    async def press(self, form: str, **fields: str) -> str:
        """Fill the form with this action, press its button; gives the text of the page that follows."""
        found = f"document.querySelector('form[action={json.dumps(form)}]')"
        assert await self.run(f"{found} !== null"), form
        for name, value in fields.items():
            await self.run(f"{found}.elements['value.{name}'].value = {json.dumps(value)}")
        await self.loaded(f"{found}.querySelector('button').click()")
        return str(await self.run("document.body.innerText"))


@asynccontextmanager
async def tab(profile: Path) -> AsyncIterator[Tab]:
    """A tab of a browser that trusts any certificate. `profile` is a folder for what the browser keeps."""
    browser = await asyncio.create_subprocess_exec(
        str(_CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors",
        f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank",
        env={**os.environ, "HOME": str(profile)}, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        port = await asyncio.wait_for(_port(browser), 120)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                [page] = [one for one in await answer.json() if one["type"] == "page"]
            async with session.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        browser.terminate()
        await browser.communicate()


async def _port(browser: asyncio.subprocess.Process) -> str:
    """The port that the browser names on standard error."""
    assert browser.stderr is not None
    async for line in browser.stderr:
        if found := re.search(rb"DevTools listening on ws://127\.0\.0\.1:(\d+)/", line):
            return found[1].decode()
    raise AssertionError("the browser ended")
