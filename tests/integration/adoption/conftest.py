"""A terminal in a project with one stack, and a local Entra with an application that was made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path, entra: LocalEntra) -> Terminal:
    return Terminal(tmp_path, entra)


@pytest.fixture
def made_by_hand(entra: LocalEntra) -> LocalEntra:
    """An application with a job, a connection and the template's mappings."""
    entra.portal.create_application("Made by hand")
    entra.portal.create_job()
    entra.portal.set_tenant_url(entra.scim.url)
    entra.portal.set_secret_token(entra.scim.token)
    entra.portal.set_scope("all")
    entra.calls.clear()
    return entra
