"""Serves the stand-in to the engine: `python -m eptura_scim.emulator.azuread ENGINE_ADDRESS`."""

from eptura_scim.emulator.azuread.provider import StandIn
from eptura_scim.emulator.azuread.version import wanted_version
from eptura_scim.plugin_sdk.server import serve

if __name__ == "__main__":
    serve(StandIn(), wanted_version())
