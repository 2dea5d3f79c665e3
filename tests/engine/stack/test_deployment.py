"""`Deployment` on the real engine, with a project and a provider of a few lines that need no Entra."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eptura_scim.engine import (
    ConfigValue,
    Deployment,
    DeploymentError,
    Engine,
    InterruptedRunError,
    UnexpectedChangesError,
)

pytestmark = pytest.mark.slow

PROJECT = """
name: toy
runtime: {name: python, options: {virtualenv: .venv}}
options: {refresh: always}
config:
  label: {type: string, default: one}
"""

PROGRAM = """
import pulumi

class Thing(pulumi.CustomResource):
    def __init__(self, name, properties, opts):
        super().__init__("toy:index:Thing", name, properties, opts)

config = pulumi.Config()
if config.get("fail"):
    {}[config.require("fail")]
opts = pulumi.ResourceOptions(ignore_changes=(config.get("ignored") or "").split())
properties = {"label": config.require("label"), "users": {"a.b": {"source": "x"}}, "wait": config.get_float("wait")}
Thing("thing", properties, opts)
pulumi.export("label", config.require("label"))
"""

PROVIDER = """
import asyncio
from pathlib import Path
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource
from eptura_scim.plugin_sdk.server import serve

LIVE = Path(__file__).with_name("live.json")

class User(Inputs):
    source: str

class ThingInputs(Inputs):
    label: str
    users: dict[str, User]
    wait: float | None = None

class Thing(Resource):
    inputs = ThingInputs

    async def _write(self, inputs):
        LIVE.with_name("begun").touch()
        await asyncio.sleep(inputs.wait or 0)
        if inputs.label == "bad":
            raise ResourceError("label bad is refused: choose another")
        LIVE.write_text(inputs.model_dump_json(by_alias=True))

    async def create(self, urn, inputs):
        await self._write(inputs)
        return Created("1")

    async def read(self, resource_id, known):
        return (ThingInputs.model_validate_json(LIVE.read_text()), {}) if LIVE.exists() else None

    async def update(self, urn, resource_id, old, new):
        await self._write(new)
        return {}

    async def delete(self, resource_id, old):
        LIVE.unlink()

if __name__ == "__main__":
    package = {"name": "toy", "version": "0.0.1", "description": "A toy"}
    serve(ResourceProvider(package, {"toy:index:Thing": "__main__:Thing"}), "0.0.1")
"""

OpenToy = Callable[..., Deployment]


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    project = tmp_path / "toy"
    project.mkdir()
    (project / "Pulumi.yaml").write_text(PROJECT)
    (project / "__main__.py").write_text(PROGRAM)
    (project / "provider.py").write_text(PROVIDER)
    executable = project / "pulumi-resource-toy"
    paths = os.pathsep.join(path for path in sys.path if path)
    executable.write_text(f'#!/bin/sh\nPYTHONPATH="{paths}" exec "{sys.executable}" "{project / "provider.py"}" "$@"\n')
    executable.chmod(0o755)
    return project


@pytest.fixture
def open_toy(engine: Engine, toy: Path, tmp_path: Path) -> OpenToy:
    def open_stack(**config: str | ConfigValue) -> Deployment:
        return Deployment.open(
            toy, "dev", tmp_path / "home", engine=engine, plugins={"toy": toy}, config={"label": "one", **config}
        )

    return open_stack


def edit_live(toy: Path) -> None:
    live = json.loads((toy / "live.json").read_text())
    live["users"] = {"a.b": {"source": "y"}, "added": {"source": "z"}}
    (toy / "live.json").write_text(json.dumps(live))


def test_a_preview_names_differing_paths_and_up_repairs_them(open_toy: OpenToy, toy: Path) -> None:
    stack = open_toy()
    assert stack.preview().drift == {"Thing": {"(create)": "create"}}
    assert stack.up().outputs == {"label": "one"}
    stack.preview(expect_no_changes=True)
    edit_live(toy)
    expected = {"Thing": {'users["a.b"].source': "update", "users.added": "delete"}}
    assert stack.preview().drift == expected
    with pytest.raises(UnexpectedChangesError, match=r"Thing: users\.added, users\[\"a\.b\"\]\.source") as caught:
        stack.preview(expect_no_changes=True)
    assert caught.value.outcome.drift == expected
    assert stack.up().changed == {"update": 1}
    stack.preview(expect_no_changes=True)
    assert stack.destroy().changed == {"delete": 2}
    assert not (toy / "live.json").exists()


def test_an_edit_of_what_the_program_ignores_is_shown_nowhere(open_toy: OpenToy, toy: Path) -> None:
    stack = open_toy(ignored='users["a.b"].source users.added')
    stack.up()
    edit_live(toy)
    outcome = stack.preview(expect_no_changes=True)
    assert "diff:" not in outcome.text, outcome.text
    assert "users" not in outcome.text


def test_the_lines_of_a_drift_are_sorted_by_their_paths(open_toy: OpenToy, toy: Path) -> None:
    stack = open_toy()
    stack.up()
    live = json.loads((toy / "live.json").read_text())
    live["users"] = {name: {"source": "z"} for name in ("m", "c", "x.y", "a", "k", "a.b")}
    (toy / "live.json").write_text(json.dumps(live))
    lines = [line.strip() for line in stack.preview().text.splitlines()]
    paths = [line[2:].partition(": ")[0] for line in lines if line.startswith(("~ users", "- users"))]
    assert paths == ["users.a", 'users["a.b"].source', "users.c", "users.k", "users.m", 'users["x.y"]']


def test_the_engines_words_arrive_line_by_line_without_colours(open_toy: OpenToy) -> None:
    stack, lines = open_toy(), list[str]()
    stack.on_output = lines.append
    text = stack.preview(diff=True).text
    assert "\n".join(lines) == text
    assert "+ toy:index:Thing: (create)" in text
    assert "\x1b" not in text


def test_a_stack_is_opened_again_with_its_state(open_toy: OpenToy) -> None:
    open_toy().up()
    assert open_toy().preview(expect_no_changes=True).changed == {}
    assert open_toy(label="two").preview().drift == {"Thing": {"label": "update"}}


def test_a_stack_that_the_engine_refuses_is_told_in_its_words(engine: Engine, toy: Path, tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="stack name") as caught:
        Deployment.open(toy, "no good name", tmp_path / "home", engine=engine, plugins={"toy": toy})
    assert "\n" not in str(caught.value)


def test_a_mistake_of_the_program_is_a_single_line(open_toy: OpenToy) -> None:
    with pytest.raises(DeploymentError) as caught:
        open_toy(fail="what").preview()
    assert str(caught.value) == "KeyError: 'what' (__main__.py line 10)"
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_refusal_of_a_provider_is_told_in_its_own_words(open_toy: OpenToy) -> None:
    with pytest.raises(DeploymentError) as caught:
        open_toy(label="bad").up()
    assert str(caught.value) == "label bad is refused: choose another"
    assert open_toy().up().changed == {"create": 1}


def test_secrets_are_on_no_command_line_and_in_no_file(
    open_toy: OpenToy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = "very-secret-5d41"
    seen: list[Any] = []
    sys.addaudithook(lambda event, arguments: seen.append(arguments) if event == "subprocess.Popen" else None)
    open_toy(token=ConfigValue(secret, secret=True)).up()
    assert any("config" in arguments[1] for arguments in seen)
    assert secret not in repr(seen)
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_the_projects_own_stack_file_is_used_with_its_secrets(
    open_toy: OpenToy, engine: Engine, toy: Path, tmp_path: Path
) -> None:
    open_toy(label=ConfigValue("of the stack file", secret=True))
    (tmp_path / "home" / "work" / "Pulumi.dev.yaml").rename(toy / "Pulumi.dev.yaml")
    assert "secure:" in (toy / "Pulumi.dev.yaml").read_text()
    for _ in range(2):
        again = Deployment.open(toy, "dev", tmp_path / "other", engine=engine, plugins={"toy": toy})
        assert again.up().outputs == {"label": "of the stack file"}


def test_the_shells_cloud_and_backend_do_not_reach_a_run(open_toy: OpenToy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://not.example")
    monkeypatch.setenv("PULUMI_STACK", "other")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert open_toy().up().summary["create"] == 2


# The SDK leaves the program's coroutine unfinished when the engine has gone.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_ctrl_c_ends_a_plugins_wait_and_the_next_run_continues(open_toy: OpenToy, toy: Path) -> None:
    stack = open_toy(wait="300")

    def press() -> None:
        while not (toy / "begun").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(InterruptedRunError, match="completed steps are in the state") as caught:
        stack.up()
    assert "interrupted: run the same command again to continue" in caught.value.outcome.text
    assert not (toy / "live.json").exists()
    stack.set_config("wait", "0")
    stack.up()
    assert (toy / "live.json").exists()
    stack.preview(expect_no_changes=True)
    gc.collect()  # here, where the warning is expected, and not in some later test
