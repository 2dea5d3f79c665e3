"""The try-out's environment together with a real tenant URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from eptura_scim.environment import LOCAL_PASSPHRASE, try_out_leak

REAL = "https://eptura.example.com/scim/v1/"
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE}


def test_the_published_passphrase_is_for_local_stacks_alone() -> None:
    said = try_out_leak(REAL, PASSPHRASE)
    assert "tenantUrl names eptura.example.com, which is not local" in said
    assert "eptura-scim local env --unset" in said
    for local in ("https://localhost:8443/scim/v1/", "https://127.0.0.1/scim/v1/", ""):
        assert not try_out_leak(local, PASSPHRASE)


def test_a_folder_of_the_local_entra_is_refused_as_real_backend(tmp_path: Path) -> None:
    state = tmp_path / "it's a folder"
    state.mkdir()
    backend = {"PULUMI_BACKEND_URL": (state / "pulumi").as_uri()}
    assert not try_out_leak(REAL, backend), "any other folder is one's own"
    (state / "tenant.json").write_text("{}")
    assert "PULUMI_BACKEND_URL is the folder" in try_out_leak(REAL, backend)
    assert not try_out_leak("https://localhost:8443/scim/v1/", backend)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"PULUMI_CONFIG_PASSPHRASE": "my own"},
        {"PULUMI_BACKEND_URL": "s3://states"},
        {"PULUMI_BACKEND_URL": "file://~"},
    ],
)
def test_an_own_backend_and_passphrase_are_accepted(environment: dict[str, str]) -> None:
    assert not try_out_leak(REAL, environment)
