"""What a refused login means, by the platform's AADSTS number."""

from __future__ import annotations

import pytest

from eptura_scim.graph.credentials import refusal


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("(invalid_client) AADSTS7000215: Invalid client secret provided.", "the client secret is wrong"),
        ("(invalid_client) AADSTS7000222: The provided client secret keys are expired.", "has expired: make another"),
        ("AADSTS90002: Tenant 'x' not found.", "the tenant of ARM_TENANT_ID does not exist in this cloud"),
        ("AADSTS700016: Application with identifier 'x' was not found", "ARM_CLIENT_ID is not the client id"),
        ("AADSTS700213: No matching federated identity record found", "no federated credential"),
    ],
)
def test_a_known_number_says_what_is_wrong_and_what_to_do(said: str, meaning: str) -> None:
    assert meaning in refusal(said)


@pytest.mark.parametrize("said", ["AADSTS1: something else", "a page of a proxy", ""])
def test_an_unknown_error_number_is_shown_in_the_platforms_words(said: str) -> None:
    assert refusal(said) == ""
