"""Drift runs need no more than to read: what a preview reads of our resources, with permissions taken away."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from eptura_scim.graph.client import connect
from eptura_scim.graph.errors import ForbiddenError
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import LocalEntra
from eptura_scim.plugin_sdk.difference import differences, render
from eptura_scim.plugin_sdk.messages import set_current_urn
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.application_name import ApplicationNameInputs, EnterpriseApplicationName
from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.schema import SynchronizationSchema
from eptura_scim.provider.secrets import SynchronizationSecrets
from tests.integration.provider.conftest import DOCUMENTED, URN, ProviderFixture, RecordedMessages

READING = ("Application.Read.All", "Synchronization.Read.All")


async def converged(provider: ProviderFixture) -> dict[Any, tuple[str, Any]]:
    """Every resource of ours as `up` makes it: its id and its inputs by its class."""
    secrets, schema, state = provider.secrets_inputs(), provider.schema_inputs(DOCUMENTED), provider.state_inputs("On")
    await provider.secrets.create(URN, secrets)
    await provider.schema.create("", schema)
    await provider.state.create("", state)
    name = ApplicationNameInputs.model_validate({"servicePrincipalId": provider.principal, "displayName": "Eptura"})
    return {
        SynchronizationSecrets: (provider.id, secrets),
        SynchronizationSchema: (provider.id, schema),
        SynchronizationJobState: (provider.id, state),
        EnterpriseApplicationName: (provider.principal, name),
    }


async def preview(entra: LocalEntra, wanted: dict[Any, tuple[str, Any]]) -> list[str]:
    """The paths that differ, of all resources, with the login of now."""
    client = await connect(entra.environment)
    paths = []
    try:
        for kind, (resource_id, inputs) in wanted.items():
            resource = kind(SynchronizationClient(client))
            read = await resource.read(resource_id, dump(inputs))
            assert read is not None
            found = list(differences(dump(read[0]), dump(inputs), resource.equivalent))
            await resource.change_warnings(dump(read[0]), dump(inputs), [path for path, _ in found])
            paths += [render(path) for path, _ in found]
    finally:
        await client.close()
    return paths


@pytest.mark.parametrize("validates", ["refused", "allowed"])
async def test_a_read_only_identity_sees_every_drift_and_no_other(
    usual: LocalEntra,
    default_provider: ProviderFixture,
    validates: Literal["refused", "allowed"],
) -> None:
    messages = RecordedMessages()
    set_current_urn(messages, URN)
    wanted = await converged(default_provider)
    usual.permissions.only(*READING)
    usual.switches.read_only_validates = validates
    assert await preview(usual, wanted) == []
    # Whether it may test the saved token is undocumented: where not, the preview says so and goes on.
    assert [text.startswith("the saved token was not tested") for text in messages.warnings] == [True] * (
        validates == "refused"
    )
    usual.portal.set_user_source("externalId", "[mailNickname]")
    usual.portal.set_scope("assigned")
    usual.portal.rename("Other")
    usual.portal.stop()
    assert await preview(usual, wanted) == ["scope", "users.externalId.source", "provisioningStatus", "displayName"]


@pytest.mark.parametrize("missing", READING)
async def test_less_is_not_enough(usual: LocalEntra, default_provider: ProviderFixture, missing: str) -> None:
    wanted = await converged(default_provider)
    usual.permissions.only(*(name for name in READING if name != missing))
    with pytest.raises(ForbiddenError):
        await preview(usual, wanted)
