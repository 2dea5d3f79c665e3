"""What an adoption will do: settings, imports, and what the next `pulumi up` changes after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eptura_scim import documented
from eptura_scim.adoption.candidate import AdoptionCandidate, find
from eptura_scim.adoption.configuration import settings_for, settings_of
from eptura_scim.adoption.differences import Differing, differing
from eptura_scim.adoption.errors import TokenRejectedError
from eptura_scim.adoption.import_file import Entry, entries, missing
from eptura_scim.adoption.live import read_live
from eptura_scim.errors import without_secrets
from eptura_scim.graph.applications import Applications
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.errors import CredentialsRejectedError
from eptura_scim.graph.synchronization import ConnectionCredentials, SynchronizationClient

__all__ = ["AdoptionPlan", "ExistingStack", "check_token", "make_plan"]


@dataclass(frozen=True)
class ExistingStack:
    """What the stack has already."""

    settings: Mapping[str, str]
    """The settings that are set, in clear."""
    resources: Mapping[str, str]
    """Id by URN; components have none."""
    urn_prefix: str


@dataclass(frozen=True)
class AdoptionPlan:
    """What will be done, and what remains."""

    candidate: AdoptionCandidate
    settings: dict[str, str]
    """To be set."""
    kept: dict[str, str]
    """The stack has another value: it is kept, although this one is live."""
    tenant_url: str
    """The tenant URL as it will be set; empty where it is not known."""
    importing: list[Entry]
    differing: list[Differing]


async def make_plan(
    text: str,
    job_id: str | None,
    known: ExistingStack,
    environment: Mapping[str, str],
    client: GraphClient | None = None,
) -> AdoptionPlan:
    """Find the application and compare. Raises AdoptionError, GraphError, SettingsError (of the stack's own)."""
    own = client or await connect(environment)
    try:
        return await _plan(text, job_id, known, _template_id(environment), own)
    finally:
        if client is None:
            await own.close()


async def check_token(
    candidate: AdoptionCandidate, tenant_url: str, token: str, environment: Mapping[str, str]
) -> None:
    """Let Entra test a token with the tenant URL, as Test connection does, where it has a job to test it with.

    Raises TokenRejectedError, GraphError; SettingsError for a text that cannot be a token.
    """
    settings_for({}, token)
    if candidate.ref is None or not tenant_url:
        return
    client = await connect(environment)
    try:
        await SynchronizationClient(client).test_connection(candidate.ref, ConnectionCredentials(tenant_url, token))
    except CredentialsRejectedError as error:
        said = without_secrets(str(error), token)
        raise TokenRejectedError(
            f"Entra tested the secret token with {tenant_url} and it failed, nothing was set: {said}"
        ) from None
    finally:
        await client.close()


async def _plan(
    text: str, job_id: str | None, known: ExistingStack, template_id: str, client: GraphClient
) -> AdoptionPlan:
    applications, api = Applications(client), SynchronizationClient(client)
    candidate = await find(text, job_id, template_id=template_id, applications=applications, synchronization=api)
    live = await read_live(candidate, api, applications)
    says = settings_of(live)
    values = {**says, **known.settings}
    settings = settings_for(values)
    wanted = entries(live, template_id, (*settings.assigned_users, *settings.assigned_groups))
    return AdoptionPlan(
        candidate=candidate,
        settings={name: value for name, value in says.items() if name not in known.settings},
        kept={name: value for name, value in says.items() if known.settings.get(name, value) != value},
        tenant_url=values.get("tenantUrl", ""),
        importing=missing(wanted, known.resources, known.urn_prefix),
        differing=await differing(live, settings, api),
    )


def _template_id(environment: Mapping[str, str]) -> str:
    """An unknown cloud was refused by the login."""
    cloud = environment.get("ARM_ENVIRONMENT", "").lower() or "public"
    return documented.NON_GALLERY_TEMPLATES[cloud]
