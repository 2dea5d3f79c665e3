"""The azuread stand-in, quick: `python -m acceptance.quick.azuread ENGINE`."""

from acceptance.quick import let_time_fly
from eptura_scim.azuread_stand_in.provider import StandIn
from eptura_scim.engine.azuread_version import wanted_version
from eptura_scim.plugin_sdk.server import serve

let_time_fly()
serve(StandIn(), wanted_version())
