"""checkLogin: before a run reads or makes anything, whether both plugins log in alike and may do what a run does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.errors import ForbiddenError, GraphError, LoginError
from eptura_scim.graph.identity import UNTOLD, Identity, who_am_i
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.permissions import (
    ASSIGN,
    CHANGE_APPLICATIONS,
    CHANGE_PROVISIONING,
    READ_APPLICATIONS,
    READ_PROVISIONING,
    Need,
    included,
    lacking,
)
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.resource import Inputs
from eptura_scim.provider.azuread_login import AzureadLogin, differing_logins
from eptura_scim.provider.base import shared_client
from eptura_scim.quantities import counted

__all__ = ["LoginArguments", "check_login", "checked"]

_NO_SUCH_PRINCIPAL = ServicePrincipalId("00000000-0000-0000-0000-000000000000")
_GRANT = "Grant it as an application permission of Microsoft Graph, with admin consent, and run again"

_SET = "set the ARM_* variables in the environment, which both plugins read"


class LoginArguments(Inputs):
    """What a program is about to do, and what it configures azuread with."""

    preview: bool = False
    """Whether the run only reads."""
    assigns: bool = False
    """Whether the run assigns users or groups."""
    azuread: AzureadLogin = AzureadLogin()

    @property
    def needs(self) -> list[Need]:
        """What the run has to be allowed."""
        return [READ_APPLICATIONS, READ_PROVISIONING] if self.preview else self.changes

    @property
    def changes(self) -> list[Need]:
        """What `pulumi up` has to be allowed."""
        return [CHANGE_APPLICATIONS, CHANGE_PROVISIONING, *([ASSIGN] if self.assigns else [])]


async def check_login(arguments: dict[str, Any], client: GraphClient | None = None) -> dict[str, Any]:
    """The function `checkLogin`; gives tenant and client id of the login. Raises ResourceError, GraphError.

    `client` is replaceable for tests.
    """
    try:
        wanted = LoginArguments.model_validate(arguments)
    except ValidationError as error:
        wrong = counted(error.error_count(), "argument")
        raise ResourceError(f"checkLogin: not as the program sends them: {wrong}") from None
    try:
        identity = await checked(client or await shared_client(), wanted, os.environ)
    except LoginError as error:
        if not wanted.azuread.has_credential:
            raise
        raise LoginError(f"{error}. The credential of azuread's configuration is azuread's alone: {_SET}") from error
    return {"tenantId": identity.tenant_id, "clientId": identity.client_id}


async def checked(client: GraphClient, wanted: LoginArguments, environment: Mapping[str, str]) -> Identity:
    """The identity that is logged in. Raises ResourceError where it is not azuread's, or lacks a permission."""
    try:
        identity = await who_am_i(client)
    except LoginError:
        _refuse(differing_logins(wanted.azuread, environment, client.cloud, UNTOLD, client.login_method))
        raise
    _refuse(differing_logins(wanted.azuread, environment, client.cloud, identity, client.login_method))
    if missing := await _missing(client, identity, wanted.needs):
        for_up = f" (for `pulumi up`: {_names(wanted.changes, identity)})" if wanted.preview else ""
        who = identity.name or identity.client_id
        raise ResourceError(f"the application {who} lacks {missing}{for_up}. {_GRANT}. Nothing was changed")
    return identity


async def _missing(client: GraphClient, identity: Identity, needs: list[Need]) -> str:
    found = lacking(identity, needs)
    # Microsoft's pages differ on which other permissions count for provisioning. Where Graph lets this identity read
    # what the documented ones do not cover, another one counts.
    if lacking(identity, [READ_PROVISIONING]) and not await _refused(client):
        found = [need for need in found if need not in (READ_PROVISIONING, CHANGE_PROVISIONING)]
    return _names(found, identity)


async def _refused(client: GraphClient) -> bool:
    """Whether the identity may not even read provisioning: Graph says so before it looks for an object."""
    try:
        await SynchronizationClient(client).jobs(_NO_SUCH_PRINCIPAL)
    except ForbiddenError:
        return True
    except GraphError:
        return False
    return False


def _names(needs: list[Need], identity: Identity) -> str:
    """The permissions that are missing for some needs: `A and B`."""
    has = included(identity.permissions)
    names = {name for need in lacking(identity, needs) for name in need.missing(has).split(" and ")}
    return " and ".join(sorted(names))


def _refuse(problems: list[str]) -> None:
    if problems:
        raise ResourceError(f"two logins in one run, nothing was changed: {'; '.join(problems)}")
