"""`make lean`: one switch that leaves pulumi-azure-native out of `make setup` and of `pulumi install`."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.repository.pages import PROJECT

LEFT_OUT = "pulumi-azure-native"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the switch reads."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def lean(folder: Path) -> str:
    subprocess.run(["make", "lean"], cwd=folder, check=True, capture_output=True)
    return (folder / "requirements.txt").read_text(encoding="utf-8")


def entries(lock: str) -> list[str]:
    """The packages of a lock, each with its hashes."""
    return lock.replace("\\\n", " ").splitlines()


def test_make_lean_removes_only_pulumi_azure_native(checkout: Path) -> None:
    whole = entries((checkout / "requirements.txt").read_text(encoding="utf-8"))
    less = entries(lean(checkout))
    assert [one for one in whole if one not in less] == [one for one in whole if one.startswith(f"{LEFT_OUT}==")]
    assert less == [one for one in whole if not one.startswith(f"{LEFT_OUT}==")]
    assert len(less) == len(whole) - 1


def test_make_lean_twice_is_make_lean_once(checkout: Path) -> None:
    assert lean(checkout) == lean(checkout)


def test_no_other_package_needs_what_is_left_out() -> None:
    needing = {
        package.metadata["Name"]
        for package in distributions()
        for text in package.requires or ()
        if Requirement(text).name == LEFT_OUT
    }
    assert needing == {"eptura-scim"}  # by its extras alone
