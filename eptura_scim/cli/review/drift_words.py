"""What every form of a drift report says in the same words."""

from __future__ import annotations

from eptura_scim.cli.status_text import at
from eptura_scim.graph.secrets import CONNECTION_FAILS
from eptura_scim.operations.drift import DriftAction, DriftReport, SettingDrift
from eptura_scim.operations.drift_cause import Cause
from eptura_scim.operations.who_changed import ChangeNote
from eptura_scim.quantities import counted

__all__ = ["CAUSES", "counts", "since", "title", "unknown_changes", "what_up_does"]

_TESTED = ("SynchronizationSecrets", "secretTokenFingerprint")
_TAKEN_OVER = ("ServicePrincipal", "useExisting")
_QUARANTINED = ("SynchronizationJobState", "Quarantine")
_ACTIONS: dict[DriftAction, str] = {
    "change": "changes it",
    "add": "adds it",
    "remove": "removes it",
    "create": "creates it",
    "delete": "deletes it",
    "replace": "replaces it",
}

CAUSES: dict[Cause, str] = {
    "editedInEntra": "changed outside Pulumi",
    "newlyDeclared": "newly declared since the last `up`",
    "both": "changed outside Pulumi, and newly declared since the last `up`",
    "restartOwed": "provisioning has to restart after a change of scope or connection",
    "unknown": "not known",
}
"""Why a setting differs."""


def what_up_does(one: SettingDrift) -> str:
    """What `pulumi up` does to a setting. The token is saved only after Entra has tested it with Eptura."""
    if one.cause == "restartOwed":
        return "restarts provisioning"
    if (one.resource, one.path) == _TAKEN_OVER:
        return "notes it in the state; Entra stays as it is"
    if (one.resource, one.live) == _QUARANTINED:
        return "starts provisioning again, which ends the quarantine until a cycle fails again"
    if (one.resource, one.path) != _TESTED:
        return _ACTIONS[one.action]
    said = "tests the stack's token: if Eptura accepts the token, it is saved; if not, `up` fails and saves nothing"
    if one.live == CONNECTION_FAILS and one.cause == "editedInEntra":
        return f"{said}. Where it was revoked, set a valid one first: `pulumi config set --secret secretToken`"
    return said


def title(report: DriftReport) -> str:
    """The report in one sentence."""
    if not report.drift:
        return "No drift: Entra is as the stack declares."
    settings = len(report.settings) - report.counts.objects
    what = [counted(settings, "setting")] if settings else []
    what += [counted(report.counts.objects, "object")] if report.counts.objects else []
    verb = "differs" if len(report.settings) == 1 else "differ"
    return f"Drift: {' and '.join(what)} {verb} from what the stack declares."


def counts(report: DriftReport) -> str:
    """How many of each kind."""
    found = report.counts
    numbers = [(found.change, "to change"), (found.add, "to add"), (found.remove, "to remove")]
    parts = [f"{number} {what}" for number, what in numbers if number]
    parts += [f"{counted(found.objects, 'object')} to create, delete or replace"] if found.objects else []
    return ", ".join(parts)


def since(one: SettingDrift) -> str:
    """Since when, and by whom; empty where that is not known."""
    return _note(one.changed) if one.changed else ""


def unknown_changes(report: DriftReport) -> str:
    """Why it is not known who made the changes; empty where it is known, or nothing differs."""
    match report.audit_log:
        case "notPermitted":
            return f"Who changed it is not known: the audit log may not be read. {report.audit_log_problem}"
        case "notAvailable":
            return f"Who changed it is not known: the audit log is not available. {report.audit_log_problem}"
        case _:
            return ""


def _note(found: ChangeNote) -> str:
    who = ", ".join(found.who)
    if found.count == 1:
        return f"{at(found.last)} by {who}"
    if at(found.first) == at(found.last):
        return f"{counted(found.count, 'change')} at {at(found.last)} by {who}"
    return f"{counted(found.count, 'change')} from {at(found.first)} to {at(found.last)} by {who}"
