"""The page of drift holds what its command would run."""

from acceptance.drift.document import PATH, label
from acceptance.drift.kinds import DRIFT, NOT_OURS


def test_the_page_has_a_row_for_each_kind_and_no_other() -> None:
    page = PATH.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| where")]
    kinds = [*DRIFT, *NOT_OURS]
    assert len(rows) == len(kinds)
    assert [label(kind) for kind in kinds if not any(row.startswith(label(kind)) for row in rows)] == []


def test_at_least_thirty_kinds_are_drift_and_each_is_named_once() -> None:
    assert len(DRIFT) >= 30
    sentences = [kind.sentence for kind in (*DRIFT, *NOT_OURS)]
    assert len(set(sentences)) == len(sentences)
    assert all(kind.drift for kind in DRIFT)
    assert not any(kind.drift for kind in NOT_OURS)
