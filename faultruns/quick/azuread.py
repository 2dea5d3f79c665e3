"""The azuread stand-in, quick: `python -m faultruns.quick.azuread ENGINE`."""

from eptura_scim.emulator.azuread.provider import StandIn
from eptura_scim.emulator.azuread.version import wanted_version
from eptura_scim.plugin_sdk.server import serve
from faultruns.quick import let_time_fly

let_time_fly()
serve(StandIn(), wanted_version())
