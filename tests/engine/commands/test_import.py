"""An application made by hand is taken over by its ids alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from eptura_scim.engine import Deployment, DeploymentError
from tests.engine.shell import LANGUAGE_HOST

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy, Differing

pytestmark = pytest.mark.slow

COMPONENT = "eptura-scim:index:EpturaScimProvisioning"
TEMPLATE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
OURS = ("SynchronizationSecrets", "SynchronizationSchema", "SynchronizationJobState")


@pytest.fixture(autouse=True)
def language_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(LANGUAGE_HOST), str(Path(sys.executable).parent), os.environ["PATH"]])
    )


def resources(outputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The import file of docs/import.md."""
    application, principal = outputs["applicationObjectId"], outputs["servicePrincipalObjectId"]
    job = outputs["jobId"].rsplit("/", 1)[-1]
    ids = {
        "azuread:index/applicationFromTemplate:ApplicationFromTemplate": (
            f"/applicationTemplates/{TEMPLATE}/instantiate/{application}/{principal}"
        ),
        "azuread:index/servicePrincipal:ServicePrincipal": f"/servicePrincipals/{principal}",
        "eptura-scim:index:SynchronizationJob": (f"/servicePrincipals/{principal}/synchronization/jobs/{job}"),
        "eptura-scim:index:EnterpriseApplicationName": principal,
        **{f"eptura-scim:index:{name}": f"{principal}/{job}" for name in OURS},
    }
    children = [
        {"type": kind, "name": kind.rsplit(":", 1)[-1], "logicalName": "eptura", "parent": "eptura", "id": id_}
        for kind, id_ in ids.items()
    ]
    return [{"type": COMPONENT, "name": "eptura", "component": True}, *children]


def import_all(deployment: Deployment, outputs: dict[str, Any]) -> None:
    deployment.import_resources(resources(outputs))  # type: ignore[arg-type]


def test_a_preview_after_importing_all_resources_is_clean(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    outputs = dict(deploy().up().outputs)
    second = deploy(home="second")
    import_all(second, outputs)
    entra.calls.clear()
    drift = differing(second)
    assert not [name for name in drift if name in OURS], drift
    assert drift in ({}, {"ServicePrincipal": ["useExisting"]})  # azuread's own, in the state only
    second.up()
    assert entra.calls.of("secrets", "PUT") == []
    assert differing(second) == {}


def test_after_an_import_real_differences_and_rotations_show(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    outputs = dict(deploy().up().outputs)
    entra.portal.set_user_source("externalId", "[mailNickname]")
    second = deploy(home="second")
    import_all(second, outputs)
    assert differing(second)["SynchronizationSchema"] == ["users.externalId.source"]
    second.up()
    entra.scim.accept_tokens([entra.scim.token, "rotated-token"])
    assert differing(deploy(home="second", token="rotated-token")) == {
        "SynchronizationSecrets": ["secretTokenFingerprint"]
    }


def test_an_object_that_does_not_exist_is_not_imported(deployment: Deployment) -> None:
    gone = f"{'0' * 8}-0000-0000-0000-{'0' * 12}/scim.gone"
    with pytest.raises(DeploymentError, match="not found: check the object ids"):
        deployment.import_resources([{"type": f"eptura-scim:index:{OURS[2]}", "name": "x", "id": gone}])


def test_a_wrong_id_is_a_line_that_shows_the_right_form(deployment: Deployment) -> None:
    with pytest.raises(DeploymentError, match="SERVICE_PRINCIPAL_OBJECT_ID/JOB_ID") as caught:
        deployment.import_resources([{"type": f"eptura-scim:index:{OURS[0]}", "name": "x", "id": "nonsense"}])
    assert "Traceback" not in caught.value.outcome.text
