"""The source itself: nothing switches the checking of certificates off, in the program, its tests or its benchmarks."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SWITCHES = {"verify", "ssl", "verify_ssl", "check_hostname", "connection_verify", "ssl_verify", "tls_verify"}
"""Keywords and attributes of HTTP and TLS libraries that are never false."""
NAMES = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context"}


def unsafe(source: str) -> Iterator[str]:
    """Each place that trusts what it should not, as `line: what`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.keyword(arg=name, value=ast.Constant(value=False)) if name in SWITCHES:
                yield f"{node.value.lineno}: {name}=False"
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=ast.Constant(value=False)) if name in SWITCHES:
                yield f"{node.lineno}: {name} = False"
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value in SWITCHES and _is_false(value):
                        yield f"{value.lineno}: {key.value!r}: False"
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in NAMES:
                yield f"{node.lineno}: {name}"
            case ast.ImportFrom(names=names):
                yield from (f"{node.lineno}: {alias.name}" for alias in names if alias.name in NAMES)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def modules() -> list[Path]:
    """All Python files that git tracks."""
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).exists()]


def test_every_folder_of_the_project_is_looked_at() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in modules()}
    assert folders >= {"__main__.py", "acceptance", "benchmarks", "eptura_scim", "examples", "plugin", "tests"}


@pytest.mark.slow
def test_certificates_are_checked_everywhere() -> None:
    assert len(modules()) > 100
    found = {str(path.relative_to(ROOT)): list(unsafe(path.read_text("utf-8"))) for path in modules()}
    assert {name: places for name, places in found.items() if places} == {}


@pytest.mark.parametrize(
    "line",
    [
        "httpx.get(url, verify=False)",
        "aiohttp.TCPConnector(ssl=False)",
        "client.get(url, connection_verify=False)",
        "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE",
        "from ssl import CERT_NONE",
        "ssl._create_unverified_context()",
        "options = {'verify': False}",
    ],
)
def test_each_way_to_switch_tls_checks_off_is_found(line: str) -> None:
    assert list(unsafe(f"x = 1\n{line}"))
