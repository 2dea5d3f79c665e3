"""Links lead somewhere, every page can be found, and what pages tell to type exists."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from eptura_scim.cli.app import app, load
from tests.repository.pages import PROJECT, MarkdownPage, pages

PAGES = {page.name: page for page in pages()}
COMMAND = re.compile(r"(?:\.venv/bin/)?eptura-scim(?: +(?:[^\s`|>&;)\"']+|\"[^\"]*\"))*")


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    page, broken = PAGES[name], []
    for link in page.links:
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        file, fragment = page.leads_to(link) or page.path, link.partition("#")[2]
        if not file.exists() or (fragment and fragment not in MarkdownPage(file).anchors):
            broken.append(link)
    assert broken == []


def test_every_page_of_the_docs_is_in_the_index() -> None:
    index = PAGES["docs/README.md"]
    listed = {file for link in index.links if (file := index.leads_to(link))}
    there = {page.path for page in PAGES.values() if page.name.startswith("docs/")} - {index.path}
    assert there - listed == set()


def test_records_of_decisions_are_numbered_with_the_same_parts() -> None:
    records = [page for name, page in PAGES.items() if name.startswith("docs/decisions/")]
    numbers = [int(page.path.name[:4]) for page in records]
    assert numbers == list(range(1, len(records) + 1))
    for number, page in zip(numbers, records, strict=True):
        assert page.text.startswith(f"# {number}. "), page.name
        assert re.findall(r"\*\*(\w+)\.\*\*", page.text) == ["Context", "Decision", "Consequences"], page.name
        assert len(page.text.splitlines()) <= 40, page.name


def test_the_modules_that_pages_name_exist() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    missing = {
        f"{page.name}: {named}"
        for page in PAGES.values()
        for named in re.findall(r"`([\w./-]+\.py)`", page.text)
        if not re.search(rf"^(.*/)?{re.escape(named)}$", tracked, re.MULTILINE)
    }
    assert missing == set()


def test_the_glossary_has_each_term_once_and_in_order() -> None:
    sections = PAGES["docs/glossary.md"].text.split("\n## ")[1:]
    every = [re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)[1:] for section in sections]
    for terms in every:
        keys = [re.sub("^the ", "", term.lower()) for term in terms]
        assert keys == sorted(keys)
    named = [term for terms in every for several in terms for term in several.split(", ")]
    assert len(named) == len(set(named)) > 80


def test_the_changelog_keeps_its_form() -> None:
    headings = re.findall(r"^##+ .*$", PAGES["CHANGELOG.md"].text, re.MULTILINE)
    assert headings[0] == "## [Unreleased]"
    kinds = "Added|Changed|Deprecated|Removed|Fixed|Security"
    version = r"## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d"
    assert [line for line in headings[1:] if not re.fullmatch(rf"### ({kinds})|{version}", line)] == []


def test_what_pages_tell_to_make_are_targets() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        target
        for page in PAGES.values()
        for code in (*page.commands, *re.findall(r"`([^`\n]+)`", page.text))
        for target in re.findall(r"^make ([a-z]+)", code)
    }
    assert named - targets == set()


def test_commands_on_pages_exist_with_their_options() -> None:
    group = typer.main.get_command(app)
    wrong = {
        f"{page.name}: {text}: {problem}"
        for page in PAGES.values()
        for code in (*page.commands, *re.findall(r"`([^`\n]+)`", page.text))
        for text in COMMAND.findall(code)
        for problem in problems(group, text)
    }
    assert wrong == set()


def problems(group: Any, text: str) -> Iterator[str]:
    """What a command line names that does not exist; `group` is the command that typer makes of the app."""
    command: Any = group
    path: list[str] = []
    for word in shlex.split(text)[1:]:
        commands = getattr(command, "commands", {})
        if commands and re.fullmatch(r"[a-z]+(-[a-z]+)*", word):
            if word not in commands:
                yield f"{word!r} is not a command"
                return
            command = commands[word] if path else load(word)
            path.append(word)
        elif (option := re.match(r"\[?(--[a-z-]+)", word)) and path:
            known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
            if option[1] not in known:
                yield f"{option[1]} is not an option"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("eptura-scim local begin", ["'begin' is not a command"]),
        ("eptura-scim local start --detached --port 0", ["--detached is not an option"]),
        ("eptura-scim status [--watch] --json", []),
    ],
)
def test_a_command_that_does_not_exist_is_found(text: str, said: list[str]) -> None:
    assert list(problems(typer.main.get_command(app), text)) == said


def test_the_makefile_lists_its_targets() -> None:
    listed = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "demo", "test", "format", "docs", "wheel", "lock"):
        assert re.search(rf"^ *{target} ", listed, re.MULTILINE), target
