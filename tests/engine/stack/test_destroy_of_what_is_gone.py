"""`pulumi destroy --refresh=false` of an application that was deleted by hand."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from eptura_scim.engine import DeploymentError
from tests.engine.conftest import PROJECT

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy

pytestmark = pytest.mark.slow


def test_our_plugin_deletes_what_is_gone_without_an_error(deploy: Deploy, entra: LocalEntra, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    described = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    del described["options"]["refresh"]  # the Automation API has no --refresh=false
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(described))
    (project / "__main__.py").write_text((PROJECT / "__main__.py").read_text())
    deployment = deploy(project=project)
    deployment.up()
    entra.portal.delete_application()
    entra.calls.clear()
    with contextlib.suppress(DeploymentError):  # of azuread, to which an application that is gone is an error
        deployment.destroy()
    assert any(call.method == "DELETE" for call in entra.calls), "a refresh would have taken all out of the state"
    left = [r["type"] for r in deployment.export_stack().get("resources", ()) if r["custom"]]
    assert [kind for kind in left if kind.startswith("eptura-scim:")] == []
