"""The pages of the project, with their links, headings and command blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PROJECT", "MarkdownPage", "pages"]

PROJECT = Path(__file__).parents[2]

_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(r"^ *```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class MarkdownPage:
    """A Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(PROJECT))

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def links(self) -> list[str]:
        """Targets of links, in the order of the page; what stands in code blocks is not a link."""
        return _LINK.findall(_FENCE.sub("", self.text))

    @property
    def anchors(self) -> set[str]:
        """The fragments that GitHub gives to the headings."""
        found: set[str] = set()
        for heading in _HEADING.findall(_FENCE.sub("", self.text)):
            slug = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-")
            numbered = [slug, *(f"{slug}-{number}" for number in range(1, 50))]
            found.add(next(name for name in numbered if name not in found))
        return found

    @property
    def commands(self) -> list[str]:
        """The lines of the blocks of shell commands, without comments."""
        lines = [line for block in _SHELL.findall(self.text) for line in block.splitlines()]
        return [line for line in (re.sub(r"(^|\s+)# .*$", "", line).strip() for line in lines) if line]

    def leads_to(self, link: str) -> Path | None:
        """The file of a link; None for an address on the web or a place on the same page."""
        target = link.partition("#")[0]
        return None if not target or re.match(r"[a-z]+:", target) else (self.path.parent / target).resolve()


def pages() -> list[MarkdownPage]:
    """All pages: those at the top, of the docs, and beside data and templates."""
    folders = ("docs", "eptura_scim", "tests", "examples", ".github")
    found = [*PROJECT.glob("*.md"), *(path for folder in folders for path in (PROJECT / folder).rglob("*.md"))]
    return [MarkdownPage(path) for path in sorted(found)]
