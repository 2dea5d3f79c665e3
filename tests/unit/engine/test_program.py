"""The program's own mistakes come out as one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pulumi import RunError

from eptura_scim.engine.errors import ProjectError
from eptura_scim.engine.program import Program


def program(folder: Path, text: str, environment: dict[str, str] | None = None) -> Program:
    (folder / "__main__.py").write_text(text)
    return Program(folder, environment or {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = {}\nx['a']\n", "KeyError: 'a' (__main__.py line 2)"),
        ("import os\nos.listdir('/no/such')\n", "FileNotFoundError"),
        ("def f(:\n", "__main__.py line 1: "),
        ("raise SystemExit('enough')\n", "SystemExit: enough (__main__.py line 1)"),
        ("import pulumi\nraise pulumi.RunError('tenantUrl: is not set')\n", "tenantUrl: is not set"),
    ],
)
def test_a_failure_of_the_program_is_a_line_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    run = program(tmp_path, text)
    with pytest.raises(RunError) as caught:
        run()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert run.failure is not None


def test_each_run_is_main_again_beside_its_own_modules(tmp_path: Path) -> None:
    (tmp_path / "beside_the_program.py").write_text("")
    run = program(
        tmp_path,
        "import beside_the_program, pathlib\nassert __name__ == '__main__'\n"
        "count = pathlib.Path(__file__).with_name('count')\n"
        "count.write_text(count.read_text() + 'x' if count.exists() else 'x')\n",
    )
    path = list(sys.path)
    run()
    run()
    assert (tmp_path / "count").read_text() == "xx"
    assert sys.path == path


def test_the_program_sees_the_cloud_of_the_run_not_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", "usgovernment")
    monkeypatch.setenv("ARM_CLIENT_ID", "of the shell")
    run = program(
        tmp_path,
        "import os\nassert 'ARM_ENVIRONMENT' not in os.environ\nassert os.environ['ARM_CLIENT_ID'] == 'of the run'\n",
        {"ARM_CLIENT_ID": "of the run"},
    )
    run()
    assert os.environ["ARM_ENVIRONMENT"] == "usgovernment"
    assert os.environ["ARM_CLIENT_ID"] == "of the shell"


def test_a_project_without_a_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"__main__\.py does not exist: the project has no program"):
        Program(tmp_path, {})
