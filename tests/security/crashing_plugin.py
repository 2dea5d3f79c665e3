"""A plugin in which everything crashes with both secrets in hand: `python crashing_plugin.py ENGINE_ADDRESS`."""

from __future__ import annotations

import logging
import warnings
from typing import Any, NoReturn

from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource
from eptura_scim.plugin_sdk.server import serve
from eptura_scim.provider import secrets
from tests.security.traces import CLIENT_SECRET


def crash(token: object) -> NoReturn:
    """As a library would that tells too much."""
    logging.getLogger("library").debug("asked with %s and %s", token, CLIENT_SECRET)
    raise RuntimeError(f"the request was {{'token': {token!r}, 'client_secret': {CLIENT_SECRET!r}}}")


class CrashingInputs(Inputs):
    """One property."""

    secret_token: str | None = None


class Crashing(Resource[CrashingInputs]):
    """Crashes in each call. A token that it is given is unsealed first."""

    inputs = CrashingInputs

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        return crash(secrets._unsealed(new.get("secretToken")))

    def equivalent(self, path: tuple[str | int, ...], old: Any, new: Any) -> bool:
        return crash(secrets._unsealed(new))

    async def create(self, urn: str, inputs: CrashingInputs) -> Created:
        return crash(secrets._unsealed(inputs.secret_token))

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[CrashingInputs, dict[str, Any]] | None:
        return crash(secrets._unsealed(last_inputs.get("secretToken")))

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: CrashingInputs) -> dict[str, Any]:
        return crash(secrets._unsealed(new.secret_token))

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        crash(secrets._unsealed(old.get("secretToken")))


async def function(args: dict[str, Any]) -> dict[str, Any]:
    """Crashes as well."""
    return crash(secrets._unsealed(args.get("secretToken")))


if __name__ == "__main__":
    warnings.simplefilter("default")
    package = {"name": "crashing", "version": "0.1.0", "description": "Crashes."}
    here = "tests.security.crashing_plugin"
    functions = {
        "crashing:index:crash": f"{here}:function",
        "crashing:index:sealingKey": "eptura_scim.provider.secrets:sealing_key",
    }
    serve(ResourceProvider(package, {"crashing:index:Crashing": f"{here}:Crashing"}, functions), "0.1.0")
