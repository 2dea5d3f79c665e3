"""The wheel alone, in an environment that has nothing else."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from eptura_scim import __version__
from tests.packaging.conftest import PROJECT, Installed

pytestmark = pytest.mark.slow


def tracked(folder: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {name for name in listed.stdout.splitlines() if (PROJECT / name).exists()}


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {name for name in tracked("eptura_scim") if not name.endswith(".md")}
    assert {name for name in held if name.endswith((".json", "py.typed"))}


def test_the_version_is_written_in_a_single_place(wheel: Path, plain: Installed) -> None:
    assert wheel.name.startswith(f"eptura_scim-{__version__}-")
    assert plain.run("--help").returncode == 0


def test_the_wheel_alone_reads_a_job_and_says_what_is_missing(plain: Installed) -> None:
    done = plain.run("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Pulumi.yaml does not exist" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [(("local", "start"), "local"), (("local", "start", "--detach"), "local"), (("demo",), "local")],
)
def test_a_command_with_a_missing_extra_names_the_extra(
    plain: Installed, arguments: tuple[str, ...], extra: str
) -> None:
    done = plain.run(*arguments)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.endswith(f"run `pip install 'eptura-scim[{extra}]'`")


def test_a_directory_of_graph_pages_names_the_missing_extra(plain: Installed) -> None:
    (plain.folder / "users.ndjson").write_text('{"id": "33333333-3333-3333-3333-333333333333"}\n', encoding="utf-8")
    done = plain.run("check-directory", "users.ndjson")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("run `pip install 'eptura-scim[directory]'`")


def test_the_wheel_with_its_extra_runs_the_local_entra(with_local: Installed) -> None:
    started = with_local.run("local", "start", "--detach", "--port", "0")
    assert started.returncode == 0, started.stderr
    try:
        assert with_local.run("local", "status").stdout.startswith("local Entra at https://localhost:")
        assert "export ARM_TENANT_ID=" in with_local.run("local", "env").stdout
    finally:
        assert with_local.run("local", "stop").returncode == 0
