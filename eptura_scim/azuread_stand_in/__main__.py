"""Serves the stand-in to the engine: `python -m eptura_scim.azuread_stand_in ENGINE_ADDRESS`."""

from eptura_scim.azuread_stand_in.provider import StandIn
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.plugin_sdk.server import serve

if __name__ == "__main__":
    serve(StandIn(), wanted_version())
