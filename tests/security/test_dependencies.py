"""What is installed is what is locked, and all that is locked has its hashes: checked without a network."""

from __future__ import annotations

import ast
import base64
import csv
import hashlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from eptura_scim.extras import EXTRAS

ROOT = Path(__file__).parents[2]
PACKAGE = "eptura-scim"
LICENCES = re.compile(r"\b(MIT|BSD|Apache|Python|PSF|MPL|Mozilla|ISC|Unlicense|0BSD|Zlib|HPND)\b", re.IGNORECASE)
TOOLS = {"codespell"}
"""Programs that check our texts. They are not imported, nor part of the package: their licence does not reach it."""
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|SSPL|EUPL|BUSL)", re.IGNORECASE)
LARGE = 3_000
"""Files of a package above which only some two hundred, evenly spread, are compared with its record."""


def locked() -> dict[str, tuple[Requirement, list[str]]]:
    """The lock: by name, the requirement and its hashes."""
    text = (ROOT / "requirements.txt").read_text("utf-8").replace("\\\n", " ")
    found: dict[str, tuple[Requirement, list[str]]] = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            wanted, *hashes = line.split("--hash=")
            requirement = Requirement(wanted)
            found[canonicalize_name(requirement.name)] = (requirement, [one.strip() for one in hashes])
    return found


def direct() -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: the package itself as "", and each extra by its name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: [Requirement(text) for text in asked] for extra, asked in texts.items()}


def installed() -> dict[str, Distribution]:
    """The locked packages that this Python on this system has."""
    lock = locked()
    found = {canonicalize_name(one.metadata["Name"]): one for one in distributions() if one.metadata["Name"]}
    return {name: one for name, one in found.items() if name in lock}


def pinned(requirement: Requirement) -> str:
    [specifier] = requirement.specifier
    assert specifier.operator == "==", requirement
    assert "*" not in specifier.version, requirement
    return specifier.version


def test_what_is_asked_for_is_locked_in_its_range() -> None:
    lock = locked()
    for requirement in (one for asked in direct().values() for one in asked if one.name != PACKAGE):
        version = pinned(lock[canonicalize_name(requirement.name)][0])
        assert requirement.specifier.contains(version), f"{requirement.name}: run `make lock`"


def test_every_import_is_a_declared_dependency() -> None:
    """Each extra brings what `EXTRAS` names, and every import of the package is in one of the lists."""
    owners = packages_distributions()
    declared = {extra: {canonicalize_name(one.name) for one in direct()[extra]} for extra in ("", *EXTRAS)}
    assert {
        extra: {owner for module in EXTRAS[extra] for owner in map(canonicalize_name, owners[module])}
        for extra in EXTRAS
    } == {extra: declared[extra] for extra in EXTRAS}
    known = set().union(*declared.values())
    undeclared = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in (ROOT / "eptura_scim").rglob("*.py")
        for module in imported(path)
        if module not in sys.stdlib_module_names | {"eptura_scim"}
        and not known & set(map(canonicalize_name, owners[module]))
    }
    assert undeclared == set()


def imported(path: Path) -> set[str]:
    """Top-level modules that a file imports, late ones too."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names}


def test_every_locked_package_is_pinned_with_sha256_hashes() -> None:
    assert len(locked()) > 50
    for requirement, hashes in locked().values():
        assert pinned(requirement)
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement
    elsewhere = r"https?:|--(extra-)?index-url|--find-links|--trusted-host|@ "
    assert re.search(elsewhere, (ROOT / "requirements.txt").read_text("utf-8")) is None


def test_what_is_locked_is_installed_at_that_version() -> None:
    lock = {name: entry for name, (entry, _) in locked().items() if entry.marker is None or entry.marker.evaluate()}
    versions = {name: one.version for name, one in installed().items()}
    assert versions == {name: pinned(entry) for name, entry in lock.items()}, "run `make setup`"


def test_the_lock_is_complete_and_consistent() -> None:
    """As `pip check`: each package finds what it needs, at a version that it takes."""
    found = installed()
    for name, package in found.items():
        for text in package.requires or []:
            needed = Requirement(text)
            if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
                continue
            other = canonicalize_name(needed.name)
            assert other in found, f"{name} needs {needed}"
            assert needed.specifier.contains(found[other].version, prereleases=True), f"{name} needs {needed}"


def test_what_builds_this_package_is_locked_as_well() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]
    for text in build["requires"]:
        needed = Requirement(text)
        assert needed.specifier.contains(pinned(locked()[canonicalize_name(needed.name)][0])), needed


def test_the_files_of_packages_are_the_published_files() -> None:
    changed = {name: list(_changed(package)) for name, package in installed().items()}
    assert {name: paths for name, paths in changed.items() if paths} == {}


def _changed(package: Distribution) -> Iterator[str]:
    rows = list(csv.reader((package.read_text("RECORD") or "").splitlines()))
    assert rows, "no RECORD"
    for path, recorded, _ in rows if len(rows) < LARGE else rows[:: len(rows) // 200]:
        if not recorded or path.endswith(".pyc"):
            continue
        algorithm, _, digest = recorded.partition("=")
        file = Path(str(package.locate_file(path)))
        content = file.read_bytes() if file.exists() else b""
        if base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode() != digest:
            yield path


def test_every_licence_permits_the_use_of_the_package() -> None:
    unclear = {}
    for name, package in installed().items():
        if name in TOOLS:
            continue
        meta = package.metadata
        classified = [text for text in meta.get_all("Classifier") or [] if text.startswith("License ::")]
        said = [*(meta.get_all("License-Expression") or []), *classified] or (meta.get_all("License") or [])
        text = " ".join(said)[:200]
        if COPYLEFT.search(text) or not LICENCES.search(text):
            unclear[name] = text
    assert unclear == {}
