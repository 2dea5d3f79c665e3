"""The import file: every resource of the component with its id in Entra, as docs/adopt.md shows it.

A resource that was imported beside the component would be deleted by the next `pulumi up`: the program has none there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from eptura_scim.adoption.errors import OtherApplicationError
from eptura_scim.adoption.live import Live
from eptura_scim.types import COMPONENT, FORMER_JOB, PACKAGE

__all__ = ["NAME", "Entry", "document", "entries", "missing"]

NAME = "eptura"
"""What the program calls the component and its resources."""

_JOB = f"{PACKAGE}:SynchronizationJob"
_FORMER_TYPES = {_JOB: FORMER_JOB}
"""Types under which a stack of an older version holds the same object; the program names them as aliases."""


class Entry(NamedTuple):
    """One resource to import. Components have no id."""

    type: str
    name: str
    id: str = ""

    @property
    def urn_end(self) -> str:
        """Its URN after the stack and the project."""
        return f"{self.type}::{self.name}" if self.type == COMPONENT else f"{COMPONENT}${self.type}::{self.name}"

    @property
    def urn_ends(self) -> tuple[str, ...]:
        """All that its URN may end with, the current end first."""
        former = _FORMER_TYPES.get(self.type)
        return (self.urn_end, *([self._replace(type=former).urn_end] if former else ()))


def entries(live: Live, template_id: str, assigned: Iterable[str]) -> list[Entry]:
    """All resources that the program declares and that exist. `assigned` are the principals that settings name.

    Ids: those of the azuread provider's documentation, and `servicePrincipal/job` for ours.
    """
    candidate = live.candidate
    application, principal, job = candidate.application.id, candidate.principal.id, candidate.job
    found = [
        Entry(COMPONENT, NAME),
        Entry(
            "azuread:index/applicationFromTemplate:ApplicationFromTemplate",
            NAME,
            f"/applicationTemplates/{template_id}/instantiate/{application}/{principal}",
        ),
        Entry("azuread:index/servicePrincipal:ServicePrincipal", NAME, f"/servicePrincipals/{principal}"),
        Entry(f"{PACKAGE}:EnterpriseApplicationName", NAME, principal),
    ]
    if job is not None:
        path = f"/servicePrincipals/{principal}/synchronization/jobs/{job.id}"
        found.append(Entry(_JOB, NAME, path))
        ours = ("SynchronizationSecrets", "SynchronizationSchema", "SynchronizationJobState")
        found += [Entry(f"{PACKAGE}:{kind}", NAME, f"{principal}/{job.id}") for kind in ours]
    declared = set(assigned)
    found += [
        Entry(
            "azuread:index/appRoleAssignment:AppRoleAssignment",
            f"{NAME}-{one.principal_id}",
            f"/servicePrincipals/{principal}/appRoleAssignedTo/{one.id}",
        )
        for one in live.assignments
        if one.principal_id in declared
    ]
    return found


def missing(wanted: Sequence[Entry], present: Mapping[str, str], prefix: str) -> list[Entry]:
    """Those that the stack does not hold yet; `present` gives the id of each URN, `prefix` how the stack's URNs begin.

    Raises OtherApplicationError where the stack holds another object in the place of one.
    """
    others, absent = [], []
    for entry in wanted:
        held = [prefix + end for end in entry.urn_ends if prefix + end in present]
        if not held:
            absent.append(entry)
        others += [f"{urn}: {present[urn]}" for urn in held if _object(present[urn]) != _object(entry.id)]
    if others:
        raise OtherApplicationError(
            "\n  ".join(
                [
                    "the stack holds another application. Take this one into a stack of its own (`pulumi stack init "
                    "NAME`), or take the other out of the state, which leaves it as it is in Entra, with `pulumi state "
                    "delete --force URN` for each of these, the last first:",
                    *others,
                ]
            )
        )
    return absent


def _object(identifier: str) -> str:
    """What of an id tells which object is meant.

    The id of an application keeps the service principal that was made with it, though another took its place.
    """
    start, found, end = identifier.casefold().partition("/instantiate/")
    return f"{start}{found}{end.partition('/')[0]}"


def document(wanted: Sequence[Entry], prefix: str) -> dict[str, Any]:
    """The file for `pulumi import --file`. A component that is in the state already is named by its URN."""
    component = Entry(COMPONENT, NAME)
    resources: list[dict[str, Any]] = []
    for entry in wanted:
        if entry == component:
            resources.append({"type": entry.type, "name": entry.name, "component": True})
            continue
        kind = entry.type.rsplit(":", 1)[-1]
        resources.append(
            {
                "type": entry.type,
                "name": kind if entry.name == NAME else entry.name,
                "logicalName": entry.name,
                "parent": NAME,
                "id": entry.id,
            }
        )
    known = {} if component in wanted else {"nameTable": {NAME: prefix + component.urn_end}}
    return {**known, "resources": resources}
