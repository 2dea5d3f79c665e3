"""What is installed is what is locked, and all that is locked has its hashes: checked without a network."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LICENCES = re.compile(r"\b(MIT|BSD|Apache|Python|PSF|MPL|Mozilla|ISC|Unlicense|0BSD|Zlib|HPND)\b", re.IGNORECASE)
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


def direct() -> list[Requirement]:
    """What is asked for."""
    lines = (ROOT / "requirements.in").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


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


def test_what_is_asked_for_is_locked_at_that_version_with_hashes() -> None:
    lock = locked()
    for requirement in direct():
        entry, _ = lock[canonicalize_name(requirement.name)]
        assert pinned(entry) == pinned(requirement), f"{requirement.name}: run `make lock`"


def test_every_locked_package_is_pinned_and_has_sha256_hashes_and_no_address() -> None:
    assert len(locked()) > 50
    for requirement, hashes in locked().values():
        assert pinned(requirement)
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement
    for name in ("requirements.in", "requirements.txt"):
        assert (
            re.search(r"https?:|--(extra-)?index-url|--find-links|--trusted-host|@ ", (ROOT / name).read_text()) is None
        )


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


def test_the_files_of_packages_are_those_that_they_were_published_with() -> None:
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


def test_every_licence_lets_everybody_use_the_package() -> None:
    unclear = {}
    for name, package in installed().items():
        meta = package.metadata
        classified = [text for text in meta.get_all("Classifier") or [] if text.startswith("License ::")]
        said = [*(meta.get_all("License-Expression") or []), *classified] or (meta.get_all("License") or [])
        text = " ".join(said)[:200]
        if COPYLEFT.search(text) or not LICENCES.search(text):
            unclear[name] = text
    assert unclear == {}
