"""Our HTTP transport, without the pauses between attempts."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
from azure.core.pipeline.transport import AioHttpTransport

__all__ = ["NoWaitTransport"]


class NoWaitTransport(AioHttpTransport):  # type: ignore[misc]
    """Trusts the authorities of one file."""

    def __init__(self, bundle: Path | str) -> None:
        context = ssl.create_default_context(cafile=str(bundle))
        super().__init__(session=aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)))

    async def sleep(self, duration: float) -> None:
        """Do not."""
