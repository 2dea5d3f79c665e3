"""Where Entra differs from what a stack declares, setting by setting: read from what `pulumi preview` says.

A preview reads Entra first (`refresh: always`), so that what it would change is drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from eptura_scim.engine import Outcome, ResourceChange
from eptura_scim.graph.secrets import SAVED_CONNECTION_FAILED, SAVED_TOKEN_NOT_TESTED
from eptura_scim.operations.drift_cause import Cause, LastRun, value_at
from eptura_scim.operations.guide_values import guide_value
from eptura_scim.operations.portal_words import A_TOKEN, PLACES, shown, words
from eptura_scim.operations.who_changed import ChangeNote, ForeignChanges, LogAccess
from eptura_scim.plugin_sdk.difference import segments
from eptura_scim.report import Report

__all__ = ["DRIFT", "DriftAction", "DriftCounts", "DriftReport", "SettingDrift", "drift_report", "object_ids"]

DRIFT = 2
"""The exit code for drift, as that of `terraform plan -detailed-exitcode`."""

DriftAction = Literal["change", "add", "remove", "create", "delete", "replace"]
"""What an `up` does to a setting (the first three), or to an object as a whole."""

_KINDS: dict[str, DriftAction] = {"add": "add", "delete": "remove", "update": "change"}
_NOT_IN_ENTRA = {("SynchronizationJob", "configuration")}
"""Inputs that tell the plugin what other resources change, and that Entra knows nothing of."""

_HAS_OBJECT_IDS = ("ApplicationFromTemplate", "ServicePrincipal", "EnterpriseApplicationName")


class SettingDrift(Report):
    """A setting that differs, or an object that is missing or too many."""

    resource: str
    """The resource's type, without its package."""
    name: str
    """The resource's name in the program."""
    path: str
    """The setting's path, as the preview writes it; empty for a whole object."""
    place: str
    """The portal's page."""
    setting: str
    """What the portal calls it."""
    step: str
    """The guide's line; empty where the guide does not speak of the setting."""
    guide: str | None
    """What the guide says; null where it says nothing."""
    declared: str
    live: str
    action: DriftAction
    costs: tuple[str, ...]
    """What the repair brings with it; the same for all settings of a resource."""
    changed: ChangeNote | None
    cause: Cause = "unknown"
    """Whether Entra was edited, or the program declares something new."""


class DriftCounts(Report):
    """How many settings differ, by what an `up` does."""

    change: int
    add: int
    remove: int
    objects: int
    """Objects that are created, deleted or replaced as a whole."""


class DriftReport(Report):
    """A stack beside Entra, at a moment."""

    project: str
    stack: str
    observed_at: datetime
    drift: bool
    exit_code: int
    counts: DriftCounts
    settings: tuple[SettingDrift, ...]
    warnings: tuple[str, ...]
    """What the preview warns of beside the costs of a repair."""
    audit_log: LogAccess
    audit_log_problem: str

    @property
    def resources(self) -> int:
        """How many resources differ."""
        return len({(one.resource, one.name) for one in self.settings})

    @property
    def costs(self) -> tuple[str, ...]:
        """What the repair of all settings brings with it."""
        return tuple(dict.fromkeys(cost for one in self.settings for cost in one.costs))


def drift_report(
    outcome: Outcome,
    changes: ForeignChanges,
    audit: tuple[LogAccess, str],
    *,
    project: str,
    stack: str,
    now: datetime,
    last_run: LastRun = LastRun(),  # noqa: B008  (never changed)
) -> DriftReport:
    """The report of a preview; `last_run` tells an edit in Entra from what the program newly declares."""
    warnings = _warnings(outcome)
    costs = {urn: tuple(text for text in texts if not _is_of_what_is_saved(text)) for urn, texts in warnings.items()}
    rows = {
        change.urn: list(_settings(change, costs.get(change.urn, ()), changes, last_run))
        for change in _merged(outcome.changes)
    }
    settings = tuple(one for found in rows.values() for one in found)
    numbers = {action: sum(one.action == action for one in settings) for action in ("change", "add", "remove")}
    access, problem = audit
    return DriftReport(
        project=project,
        stack=stack,
        observed_at=now,
        drift=bool(settings),
        exit_code=DRIFT if settings else 0,
        counts=DriftCounts(**numbers, objects=len(settings) - sum(numbers.values())),
        settings=settings,
        warnings=tuple(
            text for urn, texts in warnings.items() for text in texts if not rows.get(urn) or text not in costs[urn]
        ),
        audit_log=access,
        audit_log_problem=problem,
    )


def object_ids(outcome: Outcome) -> list[str]:
    """Object ids of the applications and service principals that differ in something, for the audit log."""
    if not any(change.is_drift for change in outcome.changes):
        return []
    found: dict[str, None] = {}
    for change in outcome.changes:
        if change.word in _HAS_OBJECT_IDS:
            found |= dict.fromkeys(_ids(change))
    return list(found)


def _ids(change: ResourceChange) -> Iterator[str]:
    """The last part of an id of azuread is the object's; `/instantiate/APPLICATION/PRINCIPAL` has both."""
    parts = change.id.strip("/").split("/")
    yield from filter(None, parts[-2:] if change.word == "ApplicationFromTemplate" else parts[-1:])


def _is_of_what_is_saved(warning: str) -> bool:
    """Whether a warning is about the test of the saved connection. A change does not cause it."""
    return warning.startswith((SAVED_CONNECTION_FAILED, SAVED_TOKEN_NOT_TESTED))


def _warnings(outcome: Outcome) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for diagnostic in outcome.diagnostics:
        if diagnostic.severity == "warning":
            texts = found.setdefault(diagnostic.urn, [])
            if diagnostic.message not in texts:
                texts.append(diagnostic.message)
    return found


def _merged(steps: Iterable[ResourceChange]) -> list[ResourceChange]:
    """One change for each resource: a replacement comes in several steps."""
    found: dict[str, ResourceChange] = {}
    for step in steps:
        if step.is_drift:
            found.setdefault(step.urn, step)
    return list(found.values())


def _settings(
    change: ResourceChange, costs: tuple[str, ...], changes: ForeignChanges, last_run: LastRun
) -> Iterator[SettingDrift]:
    if not change.differences:
        yield _whole(change, costs, changes, last_run)
        return
    for path, kind in change.differences.items():
        parts = segments(path)
        if (change.word, *parts[:1]) in _NOT_IN_ENTRA:
            continue
        what = words(change.word, parts)
        guide = guide_value(change.word, parts)
        declared, live = (value_at(values, parts) for values in (change.wanted, change.live))
        declared_text, live_text = (shown(change.word, parts, value) for value in (declared, live))
        if declared_text == live_text == A_TOKEN and declared != live:  # all tokens are shown alike
            declared_text = "another token"
        yield SettingDrift(
            resource=change.word,
            name=change.name,
            path=path,
            place=what.place,
            setting=what.setting,
            step=what.step,
            guide=None if guide is None else shown(change.word, parts, guide),
            declared=declared_text,
            live=live_text,
            action="replace" if "replace" in kind else _KINDS.get(kind, "change"),
            costs=costs,
            cause=last_run.cause(change, parts),
            changed=changes.of(change.word, parts[0] if parts else ""),
        )


def _whole(change: ResourceChange, costs: tuple[str, ...], changes: ForeignChanges, last_run: LastRun) -> SettingDrift:
    deleted = change.operation.startswith(("delete", "discard"))
    replaced = "replace" in change.operation
    return SettingDrift(
        resource=change.word,
        name=change.name,
        path="",
        place=PLACES.get(change.word, change.word),
        setting=_assigned(change) or _OBJECTS.get(change.word, change.word),
        step="",
        guide=None,
        declared="no" if deleted else "yes",
        live="there" if deleted or replaced else "not there",
        action="replace" if replaced else "delete" if deleted else "create",
        costs=costs,
        cause=last_run.cause(change),
        changed=changes.of(change.word, ""),
    )


def _assigned(change: ResourceChange) -> str:
    """Who is assigned: the name, once azuread has read it, else the object id. Empty for another resource."""
    if change.word != "AppRoleAssignment":
        return ""
    known = {**change.wanted, **change.live}
    kind = {"User": "user", "Group": "group"}.get(str(known.get("principalType")), "user or group")
    who = known.get("principalDisplayName") or known.get("principalObjectId") or change.name
    return f"the assigned {kind} {who}"


_OBJECTS = {
    "ApplicationFromTemplate": "the application",
    "ServicePrincipal": "the enterprise application",
    "EnterpriseApplicationName": "the name of the enterprise application",
    "SynchronizationJob": "the provisioning job",
    "SynchronizationSecrets": "the connection and its settings",
    "SynchronizationSchema": "the attribute mappings",
    "SynchronizationJobState": "the Provisioning Status",
    "EpturaScimProvisioning": "the component",
}
