"""Microsoft's examples of expressions as vectors, and how many of them hold.

python -m tests.unit.expressions.vectors      # the tables of docs/expressions.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eptura_scim.mapping import ExpressionError, IgnoreFlow, Semantics, Value, evaluate, result_texts

FILE = Path(__file__).parents[2] / "data" / "expressions-vectors.jsonl"

# What a vector takes for granted that the default semantics do not.
TAKEN_FOR_GRANTED: dict[str, dict[str, Any]] = {
    "Switch-24": {"function_names": "any case"},
    "Switch-28": {"single_quotes": "text"},
}
_IGNORED = {"drop": IgnoreFlow.ATTRIBUTE, "drop-object": IgnoreFlow.OBJECT}


@dataclass(frozen=True)
class Vector:
    """An expression, an object, and what Microsoft says comes out."""

    id: str
    function: str
    expression: str
    attributes: dict[str, Any]
    source: str
    kind: str
    context: dict[str, Any]
    expected: Any
    pattern: str | None
    dropped: IgnoreFlow | None
    error: str | None
    """Where an error is expected: parse, save or evaluation."""
    printed: Any
    printed_pattern: str | None
    doubt: str | None
    decided: bool
    """Whether the documented rules say what comes out, even if the page prints something else."""

    @property
    def semantics(self) -> Semantics:
        """The reading of the undocumented that the vector needs."""
        return Semantics(cloud_sync="cloud-sync" in self.source, **TAKEN_FOR_GRANTED.get(self.id, {}))

    def result(self) -> Value | IgnoreFlow:
        """What comes out here. Raises ExpressionError."""
        return evaluate(self.expression, self.attributes, semantics=self.semantics, **self.context)

    def holds(self) -> bool:
        """Whether that is what is expected."""
        try:
            result = self.result()
        except ExpressionError:
            return self.error is not None
        if self.error is not None or self.dropped is not None or isinstance(result, IgnoreFlow):
            return self.error is None and result is self.dropped
        if self.pattern is not None:
            return isinstance(result, str) and re.search(self.pattern, result) is not None
        return bool(_printed(result) == self.expected)


def _printed(result: Value) -> Any:
    """A result as the vectors write it."""
    return result if isinstance(result, list) else next(iter(result_texts(result)), None)


def _vector(raw: dict[str, Any]) -> Vector:
    doubtful = bool(raw.get("doubtful"))
    rules = [raw.get(key) for key in ("by_rule", "by_rule_flow", "by_rule_error")]
    expected, flow, error = rules if doubtful else [raw.get(key) for key in ("expected", "flow", "expected_error")]
    return Vector(
        id=raw["id"],
        function=raw["function"],
        expression=raw["expression"],
        attributes=raw["attributes"],
        source=raw["source"],
        kind=raw["kind"],
        context={key: raw[key] for key in ("now", "taken", "tenant", "guid") if key in raw},
        expected=expected,
        pattern=None if doubtful else raw.get("expected_regex"),
        dropped=_IGNORED[flow] if flow else None,
        error=raw.get("error_phase", "evaluation") if error else None,
        printed=raw.get("expected"),
        printed_pattern=raw.get("expected_regex"),
        doubt=raw.get("why") if doubtful else None,
        decided=not doubtful or "by_rule" in raw or any(rules),
    )


@cache
def vectors() -> tuple[Vector, ...]:
    """All of them."""
    return tuple(_vector(json.loads(line)) for line in FILE.read_text(encoding="utf-8").splitlines())


def tables() -> Iterator[str]:
    """The lines of docs/expressions.md that say which vectors hold."""
    found = [vector for vector in vectors() if vector.error != "save"]
    yield "| function | vectors | hold | doubtful, decided by the rules | hold |"
    yield "|---|---:|---:|---:|---:|"
    rows = [(name, [vector for vector in found if vector.function == name]) for name in _functions()]
    for name, chosen in [*rows, ("**all**", found)]:
        sure = [vector for vector in chosen if vector.doubt is None]
        doubted = [vector for vector in chosen if vector.doubt is not None and vector.decided]
        yield f"| {name} | {len(sure)} | {_hold(sure)} | {len(doubted)} | {_hold(doubted)} |"
    yield ""
    yield "| doubtful | page | why | by the rules |"
    yield "|---|---|---|---|"
    for vector in found:
        if vector.doubt is not None:
            yield f"| {vector.id} | {vector.source} | {_cell(vector.doubt)} | {_by_rule(vector)} |"


def _functions() -> list[str]:
    return sorted({vector.function for vector in vectors()}, key=str.lower)


def _hold(chosen: list[Vector]) -> int:
    return sum(vector.holds() for vector in chosen)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _by_rule(vector: Vector) -> str:
    if not vector.decided:
        return f"not decided; here {_here(vector)}"
    if vector.dropped is not None:
        return "leaves the flow"
    if vector.expected == "":
        return "an empty text"
    return "no value" if vector.expected is None else f"`{vector.expected}`"


def _here(vector: Vector) -> str:
    try:
        result = vector.result()
    except ExpressionError:
        return "an error"
    if vector.printed_pattern is not None:
        return "a text of the printed form" if re.search(vector.printed_pattern, str(result)) else "another form"
    return "as printed" if result == vector.printed else f"`{', '.join(result_texts(result))}`"


if __name__ == "__main__":
    print("\n".join(tables()))
