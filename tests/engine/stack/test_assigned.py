"""Users and groups are assigned before provisioning starts, and a protected application is not deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import DeploymentError

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy

pytestmark = pytest.mark.slow


def test_users_are_assigned_before_the_start_of_the_job(deploy: Deploy, entra: LocalEntra) -> None:
    people = entra.portal.people
    user = people.add_user("adele@contoso.example", displayName="Adele")
    group = people.add_group("Eptura")
    deployment = deploy(scope="assigned", assignedUsers=user, assignedGroups=group, owners=user, protect="on")
    deployment.up()
    assert {made["principalId"] for made in people.assigned()} == {user, group}
    written = [call.path for call in entra.calls.writes() if call.path.endswith(("appRoleAssignedTo", "/start"))]
    assert [path.rsplit("/", 1)[-1] for path in written] == ["appRoleAssignedTo", "appRoleAssignedTo", "start"]
    assert deployment.preview(expect_no_changes=True).changed == {}

    entra.calls.clear()
    with pytest.raises(DeploymentError, match="protected"):
        deployment.destroy()
    assert entra.calls.writes() == []
    assert entra.portal.applications() == ["EpturaScimApplication"]
