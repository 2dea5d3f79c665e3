"""What `pulumi preview --json` prints, read.

Source: Pulumi, "pulumi preview", and the type PreviewDigest of its display package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from eptura_scim.engine.errors import DeploymentError, StackError
from eptura_scim.engine.outcome import Diagnostic, Outcome, ResourceChange, Violation, broken_policies
from eptura_scim.types import Json

__all__ = ["failure", "outcome_of"]


def outcome_of(text: str) -> Outcome:
    """The outcome of a preview from what the CLI printed. Raises StackError where that is not such a document."""
    document = _document(text)
    if document is None:
        raise StackError("`pulumi preview --json` printed no JSON document")
    return Outcome(
        text="",
        summary={str(name): count for name, count in _mapping(document.get("changeSummary")).items()},
        changes=tuple(_change(step) for step in _objects(document.get("steps")) if _is_urn(step.get("urn"))),
        diagnostics=tuple(_diagnostic(item) for item in _objects(document.get("diagnostics"))),
    )


def failure(text: str, violations: Sequence[Violation] = ()) -> DeploymentError | None:
    """The failure that a preview's document tells of; None where it tells of none.

    What breaks a mandatory policy, else the first error of a resource or of the program, is the reason: the engine's
    own last word is "preview failed". The document has no word on policies, so `violations` come from the events.
    """
    document = _document(text)
    if document is None:
        return None
    outcome = replace(outcome_of(text), violations=tuple(violations))
    if broken := broken_policies(violations):
        return DeploymentError(broken, outcome)
    errors = [found.message for found in outcome.diagnostics if found.severity == "error"]
    reasons = [message for message in errors if message != "preview failed"] or errors
    return DeploymentError(reasons[0].removeprefix("Preview failed: "), outcome) if reasons else None


def _document(text: str) -> Json | None:
    """The JSON document; a language host may print lines before it."""
    start = 0 if text.startswith("{") else text.find("\n{") + 1
    try:
        document = json.loads(text[start:])
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _is_urn(value: Any) -> bool:
    return isinstance(value, str) and value.count("::") >= 3


def _change(step: Json) -> ResourceChange:
    details = _mapping(step.get("detailedDiff"))
    live, wanted = _mapping(step.get("oldState")), _mapping(step.get("newState"))
    return ResourceChange(
        urn=str(step.get("urn", "")),
        operation=str(step.get("op", "")),
        differences={path: str(_mapping(detail).get("kind", "update")) for path, detail in details.items()},
        id=str(live.get("id") or wanted.get("id") or ""),
        live={**_mapping(live.get("outputs")), **_mapping(live.get("inputs"))},
        wanted=_mapping(wanted.get("inputs")),
    )


def _diagnostic(item: Json) -> Diagnostic:
    severity = str(item.get("severity", ""))
    return Diagnostic(
        severity=severity,
        message=str(item.get("message", "")).strip().removeprefix(f"{severity}: "),
        urn=str(item.get("urn") or ""),
    )


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
