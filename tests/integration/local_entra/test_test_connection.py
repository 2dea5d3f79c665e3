"""The test of a connection to an address where no server listens."""

from __future__ import annotations

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import GraphClient


async def test_an_address_where_no_server_listens_fails_the_test() -> None:
    entra = LocalEntra.in_process()
    async with (client := GraphClient.in_process(entra)).http:
        app = await client.new_app()
        pairs = {"BaseAddress": "https://127.0.0.1:1/scim/v1/", "SecretToken": entra.scim.token}
        body = {"credentials": [{"key": key, "value": value} for key, value in pairs.items()]}
        answer = await client.ask("POST", f"{app.job_path}/validateCredentials", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "CredentialValidationUnavailable")
