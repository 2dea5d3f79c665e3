"""Serves the stand-in to the engine: `python -m eptura_scim.emulator.azuread ENGINE_ADDRESS`."""

from eptura_scim.emulator.azuread.provider import StandIn, version
from eptura_scim.plugin_sdk.server import serve

if __name__ == "__main__":
    serve(StandIn(), version())
