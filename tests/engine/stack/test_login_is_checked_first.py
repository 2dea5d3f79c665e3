"""Before a run makes anything it says which permission is missing, or that the plugins log in to two tenants."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import DeploymentError
from tests.engine.conftest import PROJECT

if TYPE_CHECKING:
    from eptura_scim.engine import Deployment
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy

pytestmark = pytest.mark.slow

ANOTHER = "99999999-9999-9999-9999-999999999999"
READING = ("Application.Read.All", "Synchronization.Read.All")
EXPLICIT = f"""
import pulumi
import pulumi_azuread as azuread
from eptura_scim.component import EpturaScimProvisioning, settings

provider = azuread.Provider("explicit", tenant_id="{ANOTHER}")
EpturaScimProvisioning("eptura", settings(), pulumi.ResourceOptions(providers=[provider]))
"""


def refusal(deployment: Deployment) -> str:
    with pytest.raises(DeploymentError) as caught:
        deployment.up()
    assert "Traceback" not in caught.value.outcome.text
    return str(caught.value)


def test_a_missing_permission_ends_the_run_before_any_creation(deploy: Deploy, entra: LocalEntra) -> None:
    entra.permissions.only("Application.ReadWrite.All")
    assert refusal(deploy()) == (
        f"the application {entra.tenant.client_id} lacks Synchronization.ReadWrite.All. Grant it as an application "
        "permission of Microsoft Graph, with admin consent, and run again. Nothing was changed"
    )
    assert entra.portal.applications() == []
    entra.permissions.grant("Synchronization.ReadWrite.All")
    deploy().up()
    assert entra.portal.applications() == ["EpturaScimApplication"]


def test_who_may_only_read_may_preview_and_not_change(deploy: Deploy, entra: LocalEntra) -> None:
    entra.permissions.only(*READING)
    assert deploy().preview().drift
    said = refusal(deploy())
    assert "lacks Application.ReadWrite.OwnedBy and Synchronization.ReadWrite.All. Grant" in said
    assert entra.portal.applications() == []


def test_another_tenant_in_azureads_configuration_ends_the_run(deploy: Deploy, entra: LocalEntra) -> None:
    said = refusal(deploy(**{"azuread:tenantId": ANOTHER, "azuread:clientId": ANOTHER}))
    for name in (f"azuread:tenantId is {ANOTHER}", entra.tenant.id, f"azuread:clientId is {ANOTHER}"):
        assert name in said
    assert entra.portal.applications() == []


def test_the_same_tenant_in_azureads_configuration_is_accepted(deploy: Deploy, entra: LocalEntra) -> None:
    same = {"azuread:tenantId": entra.tenant.id.upper(), "azuread:clientId": entra.tenant.client_id}
    assert deploy(**same).preview().drift


def test_another_tenant_of_an_explicit_provider_ends_the_run(deploy: Deploy, entra: LocalEntra, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(PROJECT / "Pulumi.yaml", project)
    (project / "__main__.py").write_text(EXPLICIT)
    said = refusal(deploy(project=project))
    assert f"azuread:tenantId is {ANOTHER}, and eptura-scim logs in to the tenant {entra.tenant.id}" in said
    assert entra.portal.applications() == []
