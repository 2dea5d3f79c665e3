"""What the plugin's process loads: the engine starts it twice in each run, once only to ask two questions."""

from __future__ import annotations

import subprocess
import sys

import pytest

_START = "from eptura_scim.provider import provider\nimport eptura_scim.plugin_sdk.server\nprovider()\n"
_RESOURCES = "from importlib import import_module as load\n" + "".join(
    f"load('eptura_scim.provider.{name}')\n"
    for name in ("application_name", "job_state", "login", "schema", "secrets", "synchronization_job")
)


def printed(code: str) -> str:
    """What a new Python prints that runs the code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        (_START, {"pulumi", "pydantic", "aiohttp", "azure", "cryptography", "eptura_scim.graph"}),
        (_RESOURCES, {"pulumi", "pulumi_azuread", "starlette", "httpx"}),
    ],
    ids=["at the start", "with all resources"],
)
def test_the_plugin_does_not_load(code: str, heavy: set[str]) -> None:
    program = f"import sys, eptura_scim.provider\n{code}print(sorted({heavy!r} & set(sys.modules)))"
    assert printed(program) == "[]\n"


def test_a_program_does_not_load_the_plugin_s_server() -> None:
    heavy = {"eptura_scim.plugin_sdk.server", "aiohttp", "azure", "eptura_scim.graph.client"}
    program = f"import sys, eptura_scim.component\nprint(sorted({heavy!r} & set(sys.modules)))"
    assert printed(program) == "[]\n"


def test_the_plugin_starts_without_looking_for_garbage() -> None:
    code = (
        "import gc, sys\n"
        "from eptura_scim.provider import main\n"
        "collections = []\n"
        "gc.callbacks.append(lambda phase, _: collections.append(phase))\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:  # no engine has started it\n"
        "    print('eptura_scim.plugin_sdk.server' in sys.modules, collections)"
    )
    assert printed(code) == "True []\n"


def test_the_sdk_s_messages_and_the_plugin_s_are_the_same_ones() -> None:
    """A process may hold both: tests do, and a program that imports `plugin_sdk`."""
    code = (
        "from eptura_scim.plugin_sdk.protocol import provider_pb2 as own\n"
        "from pulumi.runtime.proto import provider_pb2 as sdk\n"
        "print(own.ReadRequest is sdk.ReadRequest)"
    )
    assert printed(code) == "True\n"
