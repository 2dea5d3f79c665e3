"""Local Entra: Microsoft Entra ID and Microsoft Graph on this machine, as far as SCIM provisioning needs them.

The unmodified azuread plugin, azure-identity, the Graph SDKs and our own Graph client work against it, as far as it
models what they ask for (docs/clients.md). Beside it, on the same port, runs a real SCIM server (scim2-server) that
connections are tested against.

    with LocalEntra.start() as entra:
        entra.environment     # variables for pulumi, azuread, azure-identity
        entra.portal          # what a person does in the admin centre
        entra.people          # users, groups, members and app role assignments
        entra.permissions     # what the identity that logs in may do
        entra.provisioning    # cycles: run one, put the clock forward, see what was sent
        entra.faults.add(Fault(method="PUT", path="/schema$", status=429, retry_after=1))
        entra.calls.writes()  # what was asked

Behaviour that Microsoft documents is followed; undocumented behaviour is a field of `Switches`.

What it does not model
- Directory roles, delegated permissions and conditional access. Application permissions count as the tables of Graph's
  pages say. The signature of a client assertion is not checked (its form and expiry are).
- Cycles run when they are asked for, or in the background with `cycles`; docs/cycles.md tells what they leave out.
  acquireAccessToken and bulkUpload answer 501.
- Of users and groups: licences, devices, photos, dynamic membership, delta queries; a
  userPrincipalName may have any domain. Everything else of Graph: 501, never an invented answer.
- Of applications: what is in them is kept and shown, nothing logs in with their passwords and certificates. Of the
  gallery there are five templates (data/gallery.json); the mappings of their jobs are not known.
- The query options `$expand`, `$search` and `$skip`; what of `$filter`, `$select`, `$orderby`, `$count` and `$top` an
  endpoint does not carry out is refused by name (501), never ignored.
- Schema discovery: discover sets the time and does not ask the target.
- The default schema is reconstructed, not exported from a tenant (data/README.md).
- Time: no throttling, lag or slowness but what `faults` is told; access tokens do expire.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eptura_scim.local_entra.api.call_log import Area, Calls, LoggedCall
    from eptura_scim.local_entra.api.faults import Fault, Faults
    from eptura_scim.local_entra.background import LocalStatus, start_detached, status, stop
    from eptura_scim.local_entra.directory.principal_state import ChangesSince
    from eptura_scim.local_entra.directory.principals import People
    from eptura_scim.local_entra.errors import (
        CycleError,
        ImportFailedError,
        LocalEntraError,
        NotRunningError,
        ODataError,
        PortTakenError,
        StartFailedError,
        StateCorruptError,
        StateError,
        StateInUseError,
        UnknownAppError,
    )
    from eptura_scim.local_entra.portal.portal import Portal
    from eptura_scim.local_entra.provisioning.cycle import CycleReport
    from eptura_scim.local_entra.scim_server.server import ScimServer
    from eptura_scim.local_entra.server import LocalEntra, environment_for, serve
    from eptura_scim.local_entra.switches import Switches
    from eptura_scim.local_entra.tenant import DEFAULT_SCIM_TOKEN, NON_GALLERY_TEMPLATE, Tenant

__all__ = [
    "DEFAULT_SCIM_TOKEN",
    "NON_GALLERY_TEMPLATE",
    "Area",
    "Calls",
    "ChangesSince",
    "CycleError",
    "CycleReport",
    "Fault",
    "Faults",
    "ImportFailedError",
    "LocalEntra",
    "LocalEntraError",
    "LocalStatus",
    "LoggedCall",
    "NotRunningError",
    "ODataError",
    "People",
    "PortTakenError",
    "Portal",
    "ScimServer",
    "StartFailedError",
    "StateCorruptError",
    "StateError",
    "StateInUseError",
    "Switches",
    "Tenant",
    "UnknownAppError",
    "environment_for",
    "serve",
    "start_detached",
    "status",
    "stop",
]

# Loaded when first asked for: a command that asks for the status or stops a server starts without the server's parts.
_MODULES = {
    "background": ("LocalStatus", "start_detached", "status", "stop"),
    "api.call_log": ("Area", "LoggedCall", "Calls"),
    "provisioning.cycle": ("CycleReport",),
    "errors": (
        "CycleError",
        "LocalEntraError",
        "ODataError",
        "ImportFailedError",
        "NotRunningError",
        "PortTakenError",
        "StartFailedError",
        "StateCorruptError",
        "StateError",
        "StateInUseError",
        "UnknownAppError",
    ),
    "api.faults": ("Fault", "Faults"),
    "directory.principals": ("People",),
    "directory.principal_state": ("ChangesSince",),
    "portal.portal": ("Portal",),
    "scim_server.server": ("ScimServer",),
    "server": ("LocalEntra", "environment_for", "serve"),
    "switches": ("Switches",),
    "tenant": ("DEFAULT_SCIM_TOKEN", "NON_GALLERY_TEMPLATE", "Tenant"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
