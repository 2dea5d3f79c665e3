"""An endpoint or an Entra that does not answer: nothing is lost, the next run converges. Kills: test_fault_table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import DeploymentError

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy, Differing

pytestmark = pytest.mark.slow


def test_a_silent_endpoint_is_a_line_and_the_next_run_converges(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    with pytest.raises(DeploymentError, match=r"connection test of https://localhost:1/scim/v1/ failed") as caught:
        deploy(tenantUrl="https://localhost:1/scim/v1/").up()
    assert len(str(caught.value).splitlines()) == 1
    assert entra.portal.secrets() == {}
    deployment = deploy()
    deployment.up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert differing(deployment) == {}


def test_a_silent_entra_is_a_line_and_changes_nothing(deploy: Deploy, entra: LocalEntra) -> None:
    deploy().up()
    before = deploy().export_stack()["resources"]
    away = deploy(environment={"ARM_METADATA_HOSTNAME": "localhost:1"})
    with pytest.raises(DeploymentError, match="localhost:1"):
        away.up()
    assert [r["urn"] for r in deploy().export_stack()["resources"]] == [r["urn"] for r in before]
    assert deploy().preview(expect_no_changes=True).changed == {}
