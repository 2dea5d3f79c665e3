"""Any environment gives a way to log in, or one readable error that tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.pipeline.transport import AioHttpTransport
from hypothesis import example, given
from hypothesis import strategies as st

from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.credentials import credential_from
from eptura_scim.graph.errors import LoginError

CLOUD = Cloud("https://graph.microsoft.com", "https://login.microsoftonline.com")
SECRET = "s3cret-of-the-login"
HERE = str(Path(__file__))
NAMES = (
    "ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_ID_FILE_PATH", "ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH",
    "ARM_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PASSWORD", "ARM_USE_OIDC",
    "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH", "ARM_OIDC_REQUEST_URL", "ARM_OIDC_REQUEST_TOKEN", "ARM_USE_MSI",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID", "SYSTEM_ACCESSTOKEN", "ARM_USE_AKS_WORKLOAD_IDENTITY", "ARM_USE_CLI",
)  # fmt: skip
VALUES = st.sampled_from(
    (
        "",
        "true",
        "false",
        SECRET,
        "a b",
        "/",
        "/nowhere",
        HERE,
        "https://x",
        "https://[",
        "22222222-2222-2222-2222-222222222222",
    )
) | st.text(max_size=10)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8))
@example({"ARM_TENANT_ID": "t", "ARM_CLIENT_ID_FILE_PATH": "\n", "ARM_CLIENT_SECRET": "true"})
async def test_any_environment_gives_a_credential_or_an_error(environment: dict[str, str]) -> None:
    try:
        assert credential_from(environment, CLOUD, AioHttpTransport())
    except LoginError as error:
        shown = {value for name, value in environment.items() if name.endswith("_PATH")}
        assert SECRET not in str(error) or SECRET in shown
        assert "\n" not in str(error)


async def test_a_token_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
    environment = {
        "ARM_TENANT_ID": "t",
        "ARM_CLIENT_ID": "c",
        "ARM_USE_OIDC": "true",
        "ARM_OIDC_TOKEN_FILE_PATH": str(tmp_path / "token"),
    }
    with pytest.raises(LoginError, match=r"ARM_OIDC_TOKEN_FILE_PATH: .*not a text file"):
        credential_from(environment, CLOUD, AioHttpTransport())
