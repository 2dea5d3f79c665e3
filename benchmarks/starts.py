"""How long our plugin takes to its first answers, against an empty provider on the SDK's own interface."""

from __future__ import annotations

from benchmarks.figures import Figure, at_most, ratios, take_turns
from benchmarks.processes import running

__all__ = ["EMPTY", "OURS", "measure"]

OURS = "eptura_scim.provider"
EMPTY = "benchmarks.empty_provider"

_URN = "urn:pulumi:dev::eptura::eptura-scim:index:SynchronizationSecrets::eptura"
_INPUTS = {
    "servicePrincipalId": "11111111-1111-1111-1111-111111111111",
    "jobId": "scim",
    "tenantUrl": "https://example.com/scim/v1/",
    "secretToken": "token",
}


def measure(runs: int) -> list[Figure]:
    """Process start to the first answered call (GetPluginInfo), and to the first answered Check."""
    ours, check, empty = take_turns(runs, lambda: _first_call(OURS), _first_check, lambda: _first_call(EMPTY))
    return [
        Figure("first answered call", "s", ours),
        Figure("an empty provider's", "s", empty),
        Figure("ratio of the two", "times", ratios(ours, empty), at_most(1.0)),
        Figure("first answered Check", "s", check),
        Figure("ratio to an empty one's call", "times", ratios(check, empty)),
    ]


def _first_call(module: str) -> float:
    with running(module) as plugin:
        return plugin.age


def _first_check() -> float:
    with running(OURS) as plugin:
        plugin.check(_URN, _INPUTS)
        return plugin.age
