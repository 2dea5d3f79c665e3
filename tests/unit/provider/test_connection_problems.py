"""What the plugin's check says of a connection whose values are right by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.environment import LOCAL_PASSPHRASE
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.secrets import SynchronizationSecrets

URN = "urn:pulumi:prod::eptura::eptura-scim:index:SynchronizationSecrets::eptura"
CONNECTION: dict[str, Any] = {
    "servicePrincipalId": UNKNOWN,
    "jobId": UNKNOWN,
    "tenantUrl": "https://scim.eptura.example/scim/v1/",
    "scope": "all",
    "skipOutOfScopeDeletions": False,
    "testSavedToken": True,
}


async def said_of(token: object, **changes: Any) -> list[tuple[str, str]]:
    secrets = SynchronizationSecrets()
    given = {**CONNECTION, **changes, "secretToken": token}
    return await secrets.problems(URN, {}, secrets.preprocess_inputs(URN, given, {}))


async def test_secrets_too_long_for_entra_are_refused_by_the_check() -> None:
    ((path, reason),) = await said_of("x" * 900, notificationEmail="it@contoso.example")
    assert path == "tenantUrl"
    assert "bytes together; Entra stores 1024 for all secrets of an application" in reason
    assert "xxx" not in reason
    assert await said_of("x" * 700, notificationEmail="it@contoso.example") == []


@pytest.mark.parametrize("changes", [{"tenantUrl": UNKNOWN}, {"notificationEmail": UNKNOWN}])
async def test_what_is_not_known_yet_is_not_judged(changes: dict[str, Any]) -> None:
    for principal in (UNKNOWN, "principal"):
        assert await said_of("x" * 1100, servicePrincipalId=principal, **changes) == []
        assert await said_of(UNKNOWN, servicePrincipalId=principal, **changes) == []


async def test_a_real_connection_is_refused_in_a_try_out_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", LOCAL_PASSPHRASE)
    ((path, reason),) = await said_of(UNKNOWN)
    assert (path, "published passphrase" in reason) == ("tenantUrl", True)
    assert await said_of(UNKNOWN, tenantUrl="https://localhost:8443/scim/v1/") == []
    assert await said_of(UNKNOWN, tenantUrl=UNKNOWN) == []
