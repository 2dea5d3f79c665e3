"""The command line explains its failures in one place, and is quick to ask."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eptura_scim import __version__, cli
from eptura_scim.cli.app import COMMANDS, app, load
from eptura_scim.engine.errors import EngineNotFoundError, InterruptedRunError
from eptura_scim.engine.outcome import Outcome
from eptura_scim.errors import WRONG_USAGE


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from eptura_scim.cli import main; main()", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        (EngineNotFoundError("no engine: install it"), "eptura-scim: no engine: install it", 1),
        (InterruptedRunError("stopped; run it again", Outcome("", {})), "eptura-scim: stopped; run it again", 130),
        (PermissionError(13, "Permission denied", "/x/state"), "eptura-scim: /x/state: Permission denied", 1),
        (KeyError("x"), "eptura-scim: this is a defect of eptura-scim: KeyError. Please report it", 1),
    ],
)
def test_a_failure_is_a_readable_message_and_an_exit_code(error: Exception, message: str, code: int) -> None:
    explained, exit_code = cli.explain(error)
    assert explained.startswith(message)
    assert "\n" not in explained
    assert exit_code == code


def test_a_failure_of_a_command_comes_out_without_a_traceback(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "EPTURA_SCIM_CACHE": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}
    done = run("engine", **environment)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith("eptura-scim: no Pulumi engine of version 3.259.0 or later")


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "--json"),
        ("drift", "--format=JSON"),
        ("fleet", "--all", "--json"),
        ("check-directory", "no", "--json"),
    ],
)
def test_a_failure_is_json_for_a_program_that_asked_for_json(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, PATH=str(tmp_path), EPTURA_SCIM_CACHE=str(tmp_path), https_proxy="http://127.0.0.1:9")
    told = json.loads(done.stdout)
    assert told == {"error": told["error"], "exitCode": done.returncode}
    assert done.stderr.endswith(f"eptura-scim: {told['error']}\n")
    assert done.returncode in {1, WRONG_USAGE}


def test_the_traceback_is_there_for_who_asks(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "EPTURA_SCIM_CACHE": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}
    assert "Traceback" in run("engine", EPTURA_SCIM_DEBUG="1", **environment).stderr


@pytest.mark.parametrize("arguments", [("nonsense",), ("local", "start", "--port"), ("local", "env", "--no")])
def test_wrong_usage_exits_with_64_and_names_what_is_wrong(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == WRONG_USAGE
    assert arguments[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_neither_pulumi_nor_the_local_entra() -> None:
    code = (
        "import sys\nfrom eptura_scim.cli.app import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'grpc', 'pulumi', 'pydantic', 'starlette', 'azure'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("demo", "engine", "local"):
        assert command in done.stdout


def test_the_installed_engine_is_printed_with_its_version(tmp_path: Path) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text("#!/bin/sh\necho v3.260.0\n")
    pulumi.chmod(0o755)
    done = run("engine", PATH=f"{tmp_path}:/usr/bin:/bin")
    assert (done.returncode, done.stdout) == (0, f"{pulumi} 3.260.0\n")


def test_ctrl_c_while_loading_prints_no_traceback() -> None:
    code = (
        "import os, signal, sys\n"
        "class CtrlC:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'eptura_scim.cli.status': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, CtrlC())\n"
        "from eptura_scim.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_the_command_and_no_value_behind_flags(name: str) -> None:
    seen = CliRunner().invoke(app, [name, "--help"], prog_name="eptura-scim")
    assert seen.exit_code == 0, seen.output
    assert f"Usage: eptura-scim {name}" in seen.output
    assert "<bool>" not in seen.output


@pytest.mark.parametrize("arguments", [["--help"], ["local", "start", "--help"]])
def test_help_writes_no_value_behind_flags(arguments: list[str]) -> None:
    seen = CliRunner().invoke(app, arguments)
    assert (seen.exit_code, "<bool>" in seen.output) == (0, False)


def test_a_mistyped_command_gets_similar_commands() -> None:
    seen = CliRunner().invoke(app, ["statsu"])
    assert seen.exit_code == WRONG_USAGE
    assert "Did you mean 'status'" in seen.output


@pytest.mark.parametrize("arguments", [
    [], ["local"], ["--loud"], ["status", "--loud"], ["status", "--interval", "1"], ["local", "start", "--loud"],
    ["simulate"],
])  # fmt: skip
def test_wrong_usage_has_a_code_of_its_own(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == WRONG_USAGE


@pytest.mark.parametrize("arguments", [
    ["status", "--job", "x"], ["report", "--service-principal", "x"], ["restart", "--reset-scope", "x"],
    ["adopt", "x", "--token-stdin"], ["local", "edit", "renam"], ["local", "edit", "rename", "name"],
    ["local", "edit", "scope", "scope=some"], ["local", "edit", "token", "token=x"],
])  # fmt: skip
def test_options_that_contradict_each_other_are_wrong_usage(arguments: list[str]) -> None:
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, Exception)
    assert cli.explain(error)[1] == WRONG_USAGE


def test_the_table_of_exit_codes_has_all_commands_and_codes() -> None:
    page = (Path(__file__).parents[3] / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name in COMMANDS:
        [row] = [line for line in rows if f"`{name}`" in line.split("|")[1]]
        told = (load(name).help or "").partition("Exit codes:")[2]
        codes = {code for code in re.findall(r"\b\d+\b", told) if int(code) not in {0, 1, WRONG_USAGE}}
        assert codes <= set(re.findall(r"\b\d+\b", row)), name


def test_the_version_is_printed_by_the_script_and_by_the_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eptura_scim", "--version"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"eptura-scim {__version__}\n")
    assert CliRunner().invoke(app, ["--version"]).output == done.stdout


def test_a_command_loads_no_other_command_and_no_local_entra() -> None:
    code = (
        "import sys\nfrom eptura_scim.cli.app import load\nload('status')\n"
        "heavy = {'eptura_scim.cli.adopt', 'eptura_scim.cli.local.command', 'pulumi', 'starlette'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_ends_with_examples_whose_options_exist(name: str) -> None:
    command = load(name)
    parts = getattr(command, "commands", {})
    for line in COMMANDS[name].examples:
        words = shlex.split(line.removeprefix('eval "$(').removesuffix(')"'))
        assert words[:2] == ["eptura-scim", name]
        run = parts[words[2]] if parts else command
        assert {word for word in words if word.startswith("--")} <= _options(run), line
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "80"}).stdout
    assert "Examples:" in shown
    assert all(line in shown for line in COMMANDS[name].examples)


@pytest.mark.parametrize("choice", ["documented", "Documented", "DOCUMENTED"])
def test_the_case_of_a_choice_does_not_matter(choice: str, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("displayName,id\nA,1\n")
    seen = CliRunner().invoke(
        app, ["check-directory", str(tmp_path / "users.csv"), "--mappings", choice, "--workers", "1"]
    )
    assert "the documented mappings" in " ".join(seen.output.split())


def test_a_choice_that_does_not_exist_is_told_with_what_there_is() -> None:
    seen = CliRunner().invoke(app, ["check-directory", "users.csv", "--mappings", "lives"], env={"COLUMNS": "120"})
    assert seen.exit_code == 64
    assert "Value error" not in seen.output
    assert "'lives' is not one of 'stack', 'live', 'documented'" in seen.output
