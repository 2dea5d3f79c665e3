"""What a user is told while a resource is changed or read."""

from __future__ import annotations

from eptura_scim.plugin_sdk.messages import Messages

__all__ = ["Told"]


class Told(Messages):
    """Keeps what the engine would show."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.warnings: list[str] = []

    async def info(self, urn: str, text: str) -> None:
        self.lines.append(text)

    async def warning(self, urn: str, text: str) -> None:
        self.warnings.append(text)
