"""The azuread stand-in, quick: `python -m acceptance.quick.azuread ENGINE`."""

from acceptance.quick import speed_up_time
from eptura_scim.azuread_stand_in.provider import StandIn
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.plugin_sdk.server import serve

speed_up_time()
serve(StandIn(), wanted_version())
