"""A login without a login."""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AccessToken

__all__ = ["LoggedIn"]


class LoggedIn:
    """A credential that has a token already, and gives it each time."""

    def __init__(self, token: str = "t") -> None:
        self._token = token

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 2**40)

    async def close(self) -> None:
        return

    async def __aenter__(self) -> LoggedIn:
        return self

    async def __aexit__(self, *_: object) -> None:
        return
