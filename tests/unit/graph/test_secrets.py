"""Graph's synchronization secrets as settings, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.graph.secrets import MASKED, ConnectionSettings

URL = "https://scim.example.com/scim/v1/"

settings = st.builds(
    ConnectionSettings,
    tenant_url=st.just(URL),
    scope=st.sampled_from(["all", "assigned", "unset"]),
    notification_email=st.none() | st.emails(),
    accidental_deletion_threshold=st.none() | st.integers(1),
    skip_out_of_scope_deletions=st.booleans(),
)


@given(settings)
def test_written_settings_are_read_back(wanted: ConnectionSettings) -> None:
    assert ConnectionSettings.from_secrets(wanted.to_secrets("t0k3n", {})) == wanted


@pytest.mark.parametrize(
    ("text", "scope"),
    [("true", "all"), ("True", "all"), (" FALSE ", "assigned"), ("", "unset"), ("yes", "unset"), (None, "unset")],
)
def test_scope_has_three_values(text: str | None, scope: str) -> None:
    secrets = {} if text is None else {"SyncAll": text}
    assert ConnectionSettings.from_secrets(secrets).scope == scope


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"Enabled": true, "Recipients": 5}',
        '{"DeleteThresholdEnabled": true, "DeleteThresholdValue": "many"}',
        '{"DeleteThresholdEnabled": true, "DeleteThresholdValue": true}',
        '{"DeleteThresholdEnabled": false, "DeleteThresholdValue": 5}',
    ],
)
def test_an_unreadable_notification_setting_counts_as_missing(text: str) -> None:
    read = ConnectionSettings.from_secrets({"SyncNotificationSettings": text})
    assert (read.notification_email, read.accidental_deletion_threshold) == (None, None)


def test_other_secrets_are_sent_again_and_hidden_secrets_are_not() -> None:
    live = {"AuthenticationType": "BearerToken", "Password": MASKED, "SecretToken": MASKED, "SyncAll": "true"}
    sent = ConnectionSettings(tenant_url=URL, scope="unset").to_secrets("t0k3n", live)
    assert (sent["AuthenticationType"], sent["SecretToken"]) == ("BearerToken", "t0k3n")
    assert {"Password", "SyncAll"}.isdisjoint(sent)
