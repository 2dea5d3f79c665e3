"""The programs in examples/ run, and declare what docs/use-in-your-program.md says of them."""

from __future__ import annotations

import runpy
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pytest

from eptura_scim.plugin_sdk.values import UNKNOWN
from tests.outcomes.program import PROJECT
from tests.unit.declarations import Declarations, declared_by

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    path.parent.name
    for path in ROOT.glob("examples/*/__main__.py")
    if "EpturaScimProvisioning" in path.read_text(encoding="utf-8")
)
URL, TOKEN = "https://scim.eptura.example/scim/v1/", "s3cret-token"
GROUP = "0f0e0d0c-0b0a-4908-8706-050403020100"


@pytest.fixture
def configured() -> Iterator[None]:
    own = {"tenantUrl": URL, "secretToken": TOKEN, "secretsStack": "organization/secrets/prod"}
    keys = {f"{PROJECT}:{name}": value for name, value in own.items()}
    for name in ("eptura-test", "eptura-production"):
        keys |= {f"{name}:tenantUrl": URL, f"{name}:secretToken": f"{TOKEN}-{name}", f"{name}:applicationName": name}
    secret = [key for key in keys if key.endswith(":secretToken")]
    pulumi.runtime.set_all_config(keys, secret)
    interrupted = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, interrupted)
    pulumi.runtime.set_all_config({}, [])


def test_no_example_ends_a_failed_run_with_a_traceback() -> None:
    line = "\nend_silently_when_interrupted()\n"
    programs = sorted(ROOT.glob("examples/*/__main__.py"))
    assert [str(path) for path in programs if line not in path.read_text(encoding="utf-8")] == []


def declared(name: str, *, preview: bool = False, **outputs: Any) -> Declarations:
    program = str(ROOT / "examples" / name / "__main__.py")
    return declared_by(partial(runpy.run_path, program, run_name="__main__"), preview=preview, outputs=outputs)


@pytest.mark.usefixtures("configured")
def test_groups_of_the_program_are_assigned_under_stable_names() -> None:
    found = declared("groups_in_the_program", Group={"objectId": GROUP})
    assert [one.name for one in found.of("AppRoleAssignment")] == ["eptura-facilities", "eptura-sales"]
    assert {one.inputs["principalObjectId"] for one in found.of("AppRoleAssignment")} == {GROUP}
    assert found.one("SynchronizationSecrets").inputs["scope"] == "assigned"
    before = declared("groups_in_the_program", preview=True).of("AppRoleAssignment")
    assert [one.name for one in before] == ["eptura-facilities", "eptura-sales"]
    assert before[0].inputs["principalObjectId"] is UNKNOWN


@pytest.mark.usefixtures("configured")
def test_each_of_two_applications_has_its_own_settings() -> None:
    found = declared("two_applications")
    for name in ("eptura-test", "eptura-production"):
        assert found.token(name) == f"{TOKEN}-{name}"
        assert found.recorded[name]["applicationName"] == name


@pytest.mark.usefixtures("configured")
def test_a_token_of_another_stack_reaches_the_plugin() -> None:
    outputs = {"outputs": {"epturaToken": TOKEN}, "secretOutputNames": ["epturaToken"]}
    found = declared("token_of_another_resource", StackReference=outputs)
    assert found.token() == TOKEN
    assert found.one("SynchronizationSecrets").inputs["accidentalDeletionThreshold"] == 50


@pytest.mark.usefixtures("configured")
def test_the_example_ignores_a_token_rotated_by_other_tools() -> None:
    secrets = declared("token_rotated_elsewhere").one("SynchronizationSecrets")
    assert secrets.ignore_changes == ("secretTokenFingerprint",)


def test_every_example_stands_on_the_page() -> None:
    page = (ROOT / "docs" / "use-in-your-program.md").read_text(encoding="utf-8")
    assert [name for name in EXAMPLES if f"examples/{name}/__main__.py" not in page] == []
