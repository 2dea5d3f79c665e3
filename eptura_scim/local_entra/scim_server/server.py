"""The SCIM server that the local Entra tests connections against and provisions into: scim2-server, not ours.

Source: RFC 7643, RFC 7644, as python-scim implements them. Ours are the bearer token, the address and the journal, and
Eptura's rules (`eptura_rules`), unless the switch `scim_server` asks for the RFCs alone.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Union

from a2wsgi import WSGIMiddleware
from scim2_models import (
    ListResponse,
    PatchOp,
    ResponseParameters,
    ScimProvider,
    SearchRequest,
    UnauthorizedException,
)
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from eptura_scim.local_entra.scim_server.eptura_rules import EpturaService, eptura_provider
from eptura_scim.local_entra.storage.event_log import Journal
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.tenant import DEFAULT_SCIM_TOKEN
from eptura_scim.types import Json

__all__ = ["ScimServer"]

_SCIM_PATH = "/scim/v1"
"""Where the SCIM server is: the path that Eptura's documentation gives."""


class ScimServer:
    """Users and groups behind a bearer token."""

    def __init__(self, base: str, store: Store, journal: Path | None = None, switches: Switches | None = None) -> None:
        self.url = f"{base}{_SCIM_PATH}/"
        """The tenant URL, with its trailing slash."""
        self._store = store
        self._switches = switches or Switches()
        self._tokens = frozenset(store.load_private("scimTokens") or [DEFAULT_SCIM_TOKEN])
        self._storage = _Storage(eptura_provider(), journal, self._switches)
        self._eptura = self._served(
            _Application(self._storage, eptura_provider(), EpturaService(self._switches, self._storage.is_group))
        )
        self._strict = self._served(_Application(self._storage, _strict_provider()))
        self.app: ASGIApp = self._dispatch

    @property
    def token(self) -> str:
        """A token that is accepted: the default one, unless it is revoked."""
        return DEFAULT_SCIM_TOKEN if DEFAULT_SCIM_TOKEN in self._tokens else min(self._tokens)

    def accept_tokens(self, tokens: Iterable[str]) -> None:
        """Accept exactly these tokens from now on: a rotation, or a revocation. Raises ValueError."""
        found = frozenset(tokens)
        if not found or "" in found:
            raise ValueError("at least one token, none of them empty")
        self._tokens = found
        self._store.save_private("scimTokens", sorted(found))

    def accept_also(self, token: str) -> None:
        """Accept one token more, as during a rotation with overlap. Raises ValueError for an empty one."""
        self.accept_tokens({*self._tokens, token})

    def revoke(self, token: str) -> None:
        """Refuse a token from now on. The other tokens stay valid; without others the server refuses every client."""
        self.accept_tokens(self._tokens - {token} or {"a-newer-token-that-nothing-knows"})

    def accepts(self, token: str) -> bool:
        """Whether a token is accepted."""
        return any(hmac.compare_digest(token.encode(), known.encode()) for known in self._tokens)

    def resources(self) -> list[dict[str, Any]]:
        """The users and groups that the server holds, as SCIM shows them."""
        with self._storage.lock:
            return [resource.model_dump() for resource in self._storage.resources]

    def _served(self, application: _Application) -> ASGIApp:
        application.accepts = self.accepts
        # Two threads are enough: the storage serves one request at a time.
        return Starlette(routes=[Mount(_SCIM_PATH, app=WSGIMiddleware(application, workers=2))])

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._eptura if self._switches.scim_server == "eptura" else self._strict
        await app(scope, receive, send)


@cache
def _strict_provider() -> ScimProvider:
    """What scim2-server offers by itself; immutable, and slow enough to build to be built once."""
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    return ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config
    )


@cache
def _message_models(provider: ScimProvider) -> list[Any]:
    """The models of requests and answers, held: pydantic forgets what nothing refers to, and takes 7 ms to make it."""
    models = [provider.model_for(kind) for kind in provider.resource_types]
    each = [message[model] for message in (PatchOp, ResponseParameters, SearchRequest) for model in models]
    return [*each, ListResponse[Union[tuple(models)]]]  # type: ignore[misc]  # noqa: UP007


class _Application(WSGIApplication):  # type: ignore[misc]
    accepts: Any

    @staticmethod
    def get_base_url(environ: Any) -> str:
        # scim2-server adds its version; the mount's path has ours.
        return f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['SCRIPT_NAME']}"

    def dispatch_request(self, request: Any) -> Any:
        _message_models(self.provider)
        return super().dispatch_request(request)

    def needs_auth(self, request: Any) -> bool:
        # Eptura's endpoints all need the token, the service provider configuration too.
        return True

    def check_auth(self, request: Any) -> None:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not self.accepts(token):
            raise UnauthorizedException


class _Storage(InMemoryStorage):  # type: ignore[misc]
    """In memory, with a journal: one line a write, so that a write costs the same with 10 and 100,000 users."""

    def __init__(self, provider: Any, journal: Path | None, switches: Switches) -> None:
        super().__init__()
        self._switches = switches
        self._journal = Journal(journal)
        self._journal_lock = threading.Lock()
        found: dict[str, Any] = {}

        def apply(entry: Json) -> None:
            if "delete" in entry:
                found.pop(entry["delete"], None)
            else:
                found[entry["put"]["id"]] = provider.model_for(entry["type"]).model_validate(entry["put"])

        if self._journal.replay(apply):
            self.resources = list(found.values())
            # Rewritten: it begins without what was changed or deleted since.
            self._journal.rewrite(_entry(resource) for resource in self.resources)

    def create(self, resource_type: Any, resource: Any) -> Any:
        created = super().create(resource_type, resource)
        self._note(_entry(created))
        return created

    def update(self, resource_type: Any, resource: Any, **options: Any) -> Any:
        updated = super().update(resource_type, resource, **options)
        self._note(_entry(updated))
        return updated

    def is_group(self, identifier: str) -> bool:
        """Whether an id is a group's."""
        with self.lock:
            return identifier in self._resources.get("Group", {})

    def delete(self, resource_type: Any, resource_id: str, **options: Any) -> None:
        """Delete; what Eptura's two pages say differs, see the switch."""
        if self._keeps_deleted(resource_type):
            kept = self.get(resource_type, resource_id)
            kept.active = False
            self.update(resource_type, kept, **options)
            return
        super().delete(resource_type, resource_id, **options)
        self._note({"delete": resource_id})

    def _keeps_deleted(self, resource_type: Any) -> bool:
        rules = self._switches
        return rules.scim_server == "eptura" and rules.eptura_deletion == "inactive" and resource_type.name == "User"

    def _note(self, entry: Json) -> None:
        with self._journal_lock:
            self._journal.append([entry])


def _entry(resource: Any) -> Json:
    return {"put": resource.model_dump(mode="json"), "type": resource.meta.resource_type}
