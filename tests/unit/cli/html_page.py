"""A page of HTML as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"meta", "br"}


class HtmlPage(HTMLParser):
    """What a page has: its elements, and whether each that was opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes += attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def stands_alone(self) -> bool:
        """Whether it loads nothing, runs nothing, and is whole."""
        foreign = self.seen & {"script", "link", "img", "iframe", "object", "form"}
        return not (self.open or foreign or {name for name, _ in self.attributes} & {"src", "onclick", "style"})
