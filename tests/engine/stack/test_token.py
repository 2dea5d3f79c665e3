"""The secret token: tested before it is saved, seen when it changes; test_secrets_stay_out: found nowhere."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from eptura_scim.engine import Deployment, DeploymentError

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra
    from tests.engine.conftest import Deploy, Differing

WRONG = "wrong-token-1b9d6bcd"


@pytest.mark.slow
def test_a_wrong_token_saves_and_starts_nothing(deploy: Deploy, entra: LocalEntra) -> None:
    with pytest.raises(DeploymentError, match=r"connection test of .* failed, nothing was saved") as caught:
        deploy(token=WRONG).up()
    assert len(str(caught.value).splitlines()) == 1
    assert WRONG not in caught.value.outcome.text
    assert entra.portal.secrets().get("BaseAddress") is None
    assert entra.portal.job()["schedule"]["state"] != "Active"
    assert entra.calls.of("schema", "PUT") == []

    deploy().up()
    assert entra.portal.applications() == ["EpturaScimApplication"]
    assert entra.portal.job()["schedule"]["state"] == "Active"


@pytest.mark.slow
def test_a_rotation_changes_the_fingerprint_and_is_tested_first(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    deploy().up()
    with pytest.raises(DeploymentError, match="nothing was saved"):
        deploy(token=WRONG).up()
    assert differing(deploy()) == {}

    entra.scim.accept_tokens([entra.scim.token, "rotated-token"])
    rotated = deploy(token="rotated-token")
    assert differing(rotated) == {"SynchronizationSecrets": ["secretTokenFingerprint"]}
    entra.calls.clear()
    rotated.up()
    writes = [f"{call.method} {call.action}" for call in entra.calls if call.area in {"credentials", "secrets"}]
    assert writes.index("POST validateCredentials") < writes.index("PUT secrets")
    assert differing(rotated) == {}


@pytest.mark.slow
def test_a_revoked_token_shows_as_drift_and_can_be_ignored(
    deploy: Deploy, entra: LocalEntra, differing: Differing
) -> None:
    deployment = deploy()
    deployment.up()
    entra.portal.set_secret_token(WRONG)
    assert differing(deployment) == {"SynchronizationSecrets": ["secretTokenFingerprint"]}
    assert "the saved connection fails its test" in deployment.preview().text
    deployment.up()
    assert differing(deployment) == {}

    quiet = deploy(testSavedToken="off")
    quiet.up()
    entra.portal.set_secret_token(WRONG)
    assert differing(quiet) == {}


def test_a_token_in_clear_is_refused_by_name(deployment: Deployment) -> None:
    deployment.remove_config("secretToken")
    deployment.set_config("secretToken", "in-clear")
    with pytest.raises(DeploymentError, match="secretToken: is stored unencrypted") as caught:
        deployment.preview()
    assert "in-clear" not in str(caught.value)


@pytest.mark.slow
def test_a_token_near_its_end_is_warned_of_and_not_in_the_state(deploy: Deploy, entra: LocalEntra) -> None:
    expires = datetime.now(UTC) + timedelta(days=30, hours=1)
    claims = json.dumps({"exp": int(expires.timestamp())}).encode()
    token = f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"
    entra.scim.accept_tokens([entra.scim.token, token])
    assert "tokenExpiry" not in deploy().up().outputs
    deployment = deploy(token=token)
    made = deployment.up()
    assert ", in 30 days: get another from Eptura" in deployment.preview().text
    assert made.outputs["tokenExpiry"]["expires"] == expires.replace(microsecond=0).isoformat()
    assert token not in made.text
