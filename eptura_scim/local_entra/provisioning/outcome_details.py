"""What became of one object, in the words of the provisioning logs: steps, values written, explanations.

Sources: Microsoft Graph, synchronizationJob: provisionOnDemand (the steps of its answer), resource types
provisioningObjectSummary and provisioningStep. Names of steps that the reference's samples do not show are inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules
from eptura_scim.local_entra.provisioning.object_sync import ObjectOutcome
from eptura_scim.mapping.payload import TargetPath, value_at
from eptura_scim.types import Json

__all__ = ["explained", "modified", "steps"]

_EXPORTS = {
    "Create": ("EntryExportAdd", "created"),
    "Update": ("EntryExportUpdate", "updated"),
    "Disable": ("EntryExportUpdate", "updated"),
    "Delete": ("EntryExportDelete", "deleted"),
}


def steps(outcome: ObjectOutcome, rules: CompiledRules) -> list[Json]:
    """The steps that were reached, in the order of the reference's sample: name, type, status, description, details."""
    what, source, target = f"{outcome.kind} '{outcome.label}'", rules.source_directory, rules.target_directory
    if outcome.verdict is None:
        return [_step("EntryImport", "Import", outcome.status, f"{outcome.message}", {"ErrorCode": outcome.code})]
    found = [_step("EntryImport", "Import", "Success", f"Retrieved {what} from {source}", _texts(outcome.attributes))]
    if outcome.current is not None:
        mapped = {row.target: row.value_in(outcome.current) for row in rules.of(outcome.kind).rows}
        details = _texts({**mapped, "id": outcome.current.get("id")})
        found.append(_step("EntryImport", "Matching", "Success", f"Retrieved '{outcome.label}' from {target}", details))
    verdict = outcome.verdict
    scoping = {
        "IsActive": str(verdict.is_active),
        "Assigned": str(verdict.is_entitled),
        "IsEffectivelyEntitledForProvisioning": str(verdict.is_active and verdict.is_entitled),
        "IsInProvisioningScopeDisplayName": str(verdict.passes_filter),
        "ScopeEvaluationResult": "{}",
    }
    judged = f"Determine if {outcome.kind} in scope by evaluating against each scoping filter"
    status = "Success" if verdict.in_scope else "Skipped"
    found.append(_step("EntrySynchronizationScoping", "Scoping", status, judged, scoping))
    return [*found, _export_step(outcome, what, target)]


def _export_step(outcome: ObjectOutcome, what: str, target: str) -> Json:
    if outcome.status == "Skipped":
        return _step("EntrySynchronizationSkip", "Export", "Skipped", explained(outcome), {"SkipReason": outcome.code})
    name, done = _EXPORTS.get(outcome.action, ("EntryExportUpdate", "updated"))
    if outcome.status == "Failure":
        said = f"Failed to export {what} to {target}: {outcome.message}"
        return _step(name, "Export", "Failure", said, {"ErrorCode": outcome.code})
    written = _texts({change.target: change.value for change in outcome.changes})
    return _step(name, "Export", "Success", f"{what} was {done} in {target}", written)


def _step(name: str, kind: str, status: str, description: str, details: Json) -> Json:
    return {"name": name, "type": kind, "status": status, "description": description, "details": details}


def modified(outcome: ObjectOutcome) -> list[Json]:
    """What was written, or, as in the reference's sample of a skip, what was imported."""
    if outcome.status == "Skipped":
        imported = _texts(outcome.attributes).items()
        return [{"displayName": name, "oldValue": None, "newValue": value} for name, value in imported]
    return [
        {
            "displayName": change.target,
            "oldValue": _text(value_at(outcome.current or {}, TargetPath.parse(change.target))),
            "newValue": _text(change.value),
        }
        for change in outcome.changes
    ]


def explained(outcome: ObjectOutcome) -> str:
    """Why an object was skipped, or what went wrong with it."""
    match outcome.code:
        case "RedundantExport":
            return f"The state of the {outcome.kind.lower()} in both the source and target systems already match."
        case "NotEffectivelyEntitled":
            return f"The {outcome.kind.lower()} is not in the scope of provisioning."
        case "NotPermitted":
            return "The target object actions do not allow it."
    return outcome.message


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    found = {name: _text(value) for name, value in values.items()}
    return {name: value for name, value in found.items() if value}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
