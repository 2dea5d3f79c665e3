"""Modules import only downwards, no import leads in a circle, and docs/architecture.md says so."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.structure import (
    BESIDE,
    LAYERS,
    PACKAGE,
    PAGE,
    ROOT,
    Breach,
    Code,
    breaches,
    circle,
    document,
    packages,
    with_parts,
)

CODE = Code(ROOT, [PACKAGE, *BESIDE])
OURS = Code(ROOT, [PACKAGE])
LARGEST_FOLDER = 20
LONGEST_MODULE = 400


def test_every_room_imports_only_from_lower_layers() -> None:
    assert list(map(str, breaches(CODE))) == []


@pytest.mark.parametrize("package", LAYERS)
def test_every_room_is_in_exactly_one_layer(package: str) -> None:
    named = [room for line in LAYERS[package] for room in line]
    assert sorted(named) == sorted(CODE.rooms(package))


def test_no_module_imports_itself_through_others() -> None:
    assert circle(CODE.imports) == []


@pytest.mark.parametrize("package", packages(OURS))
def test_no_package_imports_itself_through_others(package: str) -> None:
    assert circle(CODE.rooms(package)) == []


def test_no_folder_holds_more_than_twenty_modules() -> None:
    folders = [path.parent for path in OURS.files.values() if path.name != "__init__.py"]
    assert {str(one) for one in folders if folders.count(one) > LARGEST_FOLDER} == set()


def test_no_module_is_longer_than_400_lines() -> None:
    long = [name for name, path in OURS.files.items() if len(path.read_bytes().splitlines()) > LONGEST_MODULE]
    assert long == []


@pytest.mark.parametrize("package", LAYERS)
def test_architecture_page_shows_the_same_layers(package: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    shown = {package: document(OURS)[package]}
    assert with_parts(text, shown) == text, "run `python -m benchmarks.structure --write`"


def test_each_imported_public_name_is_in_all_of_its_module() -> None:
    files = [*CODE.files.items(), *((path.stem, path) for path in (ROOT / "tests").rglob("*.py"))]
    trees = {name: ast.parse(path.read_bytes()) for name, path in files}
    published = {name: names for name, tree in trees.items() if (names := _published(tree)) is not None}
    missing = {
        f"{node.module}: {alias.name}"
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in published
        for alias in node.names
        if not alias.name.startswith("_")
        and alias.name not in published[node.module]
        and f"{node.module}.{alias.name}" not in trees
    }
    assert missing == set()


def _published(tree: ast.Module) -> set[str] | None:
    """The names in `__all__`; None for a module without it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def test_late_and_typing_imports_are_seen(tmp_path: Path) -> None:
    files = {
        "errors.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from eptura_scim.graph import client\n",
        "graph/__init__.py": "",
        "graph/client.py": "def late():\n    from ..cli.app import app\n    import tests.conftest\n",
        "cli/__init__.py": "",
        "cli/app.py": "import eptura_scim.errors\n",
        "unknown.py": "from eptura_scim import errors\n",
    }
    for name, text in files.items():
        (tmp_path / PACKAGE / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / PACKAGE / name).write_text(text)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text("")
    code = Code(tmp_path, [PACKAGE, "tests"])
    assert breaches(code) == [
        Breach("eptura_scim.errors", "eptura_scim.graph.client"),
        Breach("eptura_scim.graph.client", "eptura_scim.cli.app"),
        Breach("eptura_scim.graph.client", "tests.conftest"),
        Breach("eptura_scim.unknown", "eptura_scim.errors"),
    ]
    assert len(circle(code.imports)) == 4
