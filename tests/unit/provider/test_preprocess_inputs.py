"""The token on its way through the provider: kept for the run, never passed on."""

import pytest

from eptura_scim.plugin_sdk.validation import check
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.secrets import SecretsInputs, SynchronizationSecrets, sealing_key
from eptura_scim.sealing import SealingKey, seal

WHERE = {"servicePrincipalId": "a", "jobId": "b", "tenantUrl": "https://x/scim/v1/"}
OLD = "v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA"


async def test_sealed_and_plain_tokens_leave_the_same_fingerprint() -> None:
    resource, key = SynchronizationSecrets(), (await sealing_key({}))["publicKey"]
    first = resource.preprocess_inputs("urn", {**WHERE, "secretToken": "token-5d"}, {})
    again = resource.preprocess_inputs("urn", {**WHERE, "secretToken": seal(key, "token-5d")}, first)
    assert first == again
    assert "secretToken" not in first
    assert "token-5d" not in str(first)


@pytest.mark.parametrize(
    "token",
    ["", "two words", "line\nbreak", 5, seal(SealingKey().public, "x")],
    ids=["empty", "blank", "line break", "a number", "sealed for another"],
)
def test_a_token_that_cannot_be_used_is_named_and_not_repeated(token: object) -> None:
    taken = SynchronizationSecrets().preprocess_inputs(
        "urn", {**WHERE, "secretToken": token}, {"secretTokenFingerprint": OLD}
    )
    failures = check(SecretsInputs, taken).failures
    assert [failure.path for failure in failures] == ["secretToken"]
    assert "words" not in str(taken) + str(failures)


def test_a_missing_token_is_named_where_entra_has_no_token() -> None:
    taken = SynchronizationSecrets().preprocess_inputs("urn", WHERE, {})
    assert [failure.path for failure in check(SecretsInputs, taken).failures] == ["secretToken"]


def test_an_ignored_token_keeps_the_known_fingerprint() -> None:
    known = {**WHERE, "secretTokenFingerprint": OLD}
    assert SynchronizationSecrets().preprocess_inputs("urn", WHERE, known) == known
    assert SynchronizationSecrets().preprocess_inputs("urn", {**known, "secretToken": "another-token"}, known) == known


def test_an_unknown_token_gives_an_unknown_fingerprint() -> None:
    taken = SynchronizationSecrets().preprocess_inputs("urn", {**WHERE, "secretToken": UNKNOWN}, {})
    assert taken == {**WHERE, "secretTokenFingerprint": UNKNOWN}


def test_what_an_import_has_read_is_checked_without_a_token() -> None:
    taken = SynchronizationSecrets().preprocess_inputs("urn", {**WHERE, "secretTokenFingerprint": "imported"}, {})
    assert check(SecretsInputs, taken).failures == []
