"""Errors of the azuread plugin that say what to do. The texts are as Go's net/http and azuread 6.11 write them."""

from __future__ import annotations

import pytest

from eptura_scim.operations.azuread_errors import readable

LOGIN = "login.microsoftonline.com"
TOKEN = f'1 error occurred:\n\t* building client: Post "https://{LOGIN}/common/oauth2/v2.0/token": '


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("dial tcp: lookup login.microsoftonline.com on 10.0.0.2:53: no such host", "its name is not found"),
        ("dial tcp 20.190.1.1:443: connect: connection refused", "it refuses connections"),
        ("dial tcp 20.190.1.1:443: connect: network is unreachable", "no network leads to it"),
        ("dial tcp 20.190.1.1:443: i/o timeout", "it does not answer in time"),
        ("context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "it does not answer in time"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "not trusted"),
        ("proxyconnect tcp: dial tcp 10.0.0.9:3128: connect: connection refused", "the proxy of HTTPS_PROXY"),
        ("read tcp 10.0.0.4:1->20.190.1.1:443: read: connection reset by peer", "it ends the connection"),
    ],
)
def test_a_network_error_names_host_reason_and_way_out(reason: str, told: str) -> None:
    text = readable(f"{TOKEN}{reason}\n\n")
    assert text.startswith(f"{LOGIN} cannot be reached: ")
    assert told in text
    assert "HTTPS_PROXY" in text or "SSL_CERT_FILE" in text
    assert text.endswith(f"(azuread: {reason})")
    assert "\n" not in text


def test_a_local_entra_that_does_not_run_is_to_be_started() -> None:
    refused = 'Get "https://localhost:8443/metadata/endpoints?v=1": dial tcp [::1]:8443: connect: connection refused'
    assert "eptura-scim local start" in readable(refused)


def test_a_long_reason_is_left_out_and_other_errors_stay() -> None:
    assert "azuread:" not in readable(f"{TOKEN}dial tcp: {'x' * 200}: i/o timeout")
    assert readable("ApplicationsClient.BaseClient.Get(): unexpected status 403") == ""
    assert readable(f"{TOKEN}unexpected words") == ""


def test_a_refused_login_is_told_without_the_json_around_it() -> None:
    said = "AADSTS7000215: Invalid client secret provided. Ensure the secret is the value. Trace ID: 37213f6e-2bac-4bbd"
    body = f'{{"error":"invalid_client","error_description":"{said}","error_codes":[7000215]}}'
    text = readable(f"1 error occurred:\n\t* building client: received HTTP status 401 with response: {body}\n\n")
    assert text.startswith("login to Entra failed: the client secret is wrong")
    assert text.endswith(f"azuread said: {said}")
