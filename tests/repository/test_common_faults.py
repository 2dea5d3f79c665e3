"""The messages on the page of common faults are those that the product prints."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.repository.pages import PROJECT, MarkdownPage

PAGE = MarkdownPage(PROJECT / "docs" / "common-faults.md")
QUOTED = re.compile(r"^```text\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def texts(tree: ast.AST) -> Iterator[str]:
    """Every text of a module; those of an f-string around what is put into it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def missing(message: str, known: str) -> list[str]:
    """The parts of a message, `…` between them, that no text of the product has."""
    return [part for part in (part.strip(" .;,") for part in message.split("…")) if part and part not in known]


def test_every_quoted_message_is_printed_by_the_product() -> None:
    modules = sorted((PROJECT / "eptura_scim").rglob("*.py"))
    known = "\n".join(text for module in modules for text in texts(ast.parse(module.read_text(encoding="utf-8"))))
    quoted = QUOTED.findall(PAGE.text)
    assert missing("login to Entra … is a riddle", known) == ["is a riddle"]
    assert [part for message in quoted for part in missing(message, known)] == []


def test_ten_faults_have_each_a_message_a_reason_and_a_command() -> None:
    faults = PAGE.text.split("\n## ")[1:]
    assert [int(fault.partition(".")[0]) for fault in faults] == list(range(1, 11))
    for fault in faults:
        assert QUOTED.search(fault), fault
        assert "**Why.**" in fault, fault
        assert "**What to do.**" in fault, fault
        assert "```sh\n" in fault, fault
