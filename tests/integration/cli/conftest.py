"""A local Entra with the application that a command is about."""

from __future__ import annotations

import pytest

from eptura_scim.local_entra import LocalEntra


@pytest.fixture
def with_job(entra: LocalEntra) -> LocalEntra:
    """An application and its job, nothing else configured."""
    entra.portal.create_application("Eptura")
    entra.portal.create_job()
    return entra


@pytest.fixture
def connected(with_job: LocalEntra) -> LocalEntra:
    """The job has the address and the token of the local Entra's SCIM server."""
    with_job.portal.set_tenant_url(with_job.scim.url)
    with_job.portal.set_secret_token(with_job.scim.token)
    return with_job
