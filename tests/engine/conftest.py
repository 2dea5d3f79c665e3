"""A real Pulumi engine, our provider plugin and a local Entra: what the tests in this folder run on."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import (
    AzureadPlugin,
    ConfigValue,
    Deployment,
    Engine,
    EngineError,
    azuread_plugin,
    find_engine,
    plugin_folders,
)

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

PROJECT = Path(__file__).parents[2]

Deploy = Callable[..., Deployment]
Differing = Callable[[Deployment], dict[str, list[str]]]


@pytest.fixture(autouse=True, scope="module")
def _event_loops_end_here() -> Iterator[None]:
    """The event loops that the Pulumi SDK never closes are taken apart after each module.

    Python 3.11 fails ("AST constructor recursion depth mismatch") where that happens while another test parses source.
    """
    yield
    gc.collect()


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The Pulumi CLI: found, or got once for this machine."""
    try:
        return find_engine(print)
    except EngineError as error:
        if os.environ.get("EPTURA_SCIM_REQUIRE_ENGINE") == "1":
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def azuread(engine: Engine) -> AzureadPlugin:
    """The stand-in, since the real plugin waits 20 s at each create; EPTURA_SCIM_AZUREAD=real chooses that one."""
    return azuread_plugin(engine, print, {"EPTURA_SCIM_AZUREAD": "stand-in", **os.environ})


@pytest.fixture
def entra() -> Iterator[LocalEntra]:
    """A local Entra of this test alone."""
    from eptura_scim.local_entra import LocalEntra

    with LocalEntra.start() as started:
        yield started


@pytest.fixture
def deploy(engine: Engine, azuread: AzureadPlugin, entra: LocalEntra, tmp_path: Path) -> Deploy:
    """Opens the project's stack against `entra`: `deploy()`, `deploy(groupMatching="…")`.

    `project` is the folder of another program, `home` names a second stack of the same test, `token` replaces the
    secret token, `environment` goes over the local one.
    """

    def open_stack(
        *,
        project: Path = PROJECT,
        home: str = "home",
        token: str | None = None,
        environment: Mapping[str, str] | None = None,
        **config: str,
    ) -> Deployment:
        folder = tmp_path / home
        return Deployment.open(
            project,
            "dev",
            folder,
            engine=engine,
            plugins=plugin_folders(folder, azuread),
            environment={**entra.environment, **(environment or {})},
            config={
                "tenantUrl": entra.scim.url,
                "secretToken": ConfigValue(token or entra.scim.token, secret=True),
                **config,
            },
        )

    return open_stack


@pytest.fixture
def deployment(deploy: Deploy) -> Deployment:
    """The stack with the default settings, nothing in it yet."""
    return deploy()


@pytest.fixture
def differing() -> Differing:
    """What a plain preview would change: the differing paths, sorted, for each resource."""

    def preview(deployment: Deployment) -> dict[str, list[str]]:
        return {resource: sorted(paths) for resource, paths in deployment.preview().drift.items()}

    return preview
