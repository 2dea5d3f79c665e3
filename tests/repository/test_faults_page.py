"""docs/faults.md: what cells are written as, and that nothing of the table is missing."""

from __future__ import annotations

from pathlib import Path

from acceptance.faults.at_eptura import AS_CONFIGURED, UNCHANGED
from acceptance.faults.cells import Cell, Rerun
from acceptance.faults.document import NOT_CONVERGED, parse_page, render
from acceptance.faults.faults import KINDS
from acceptance.faults.operations import OPERATIONS
from acceptance.faults.steps import FaultStep
from acceptance.faults.switches import SETTINGS, SwitchRow

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
STEP = "eptura-scim GET …/secrets"
STEPS = {
    "up": [
        FaultStep("eptura-scim", "GET", "/v1.0/servicePrincipals/{principal}/synchronization/secrets", "secrets", False)
    ]
}


def page(*cells: Cell) -> str:
    return render(cells, STEPS, [])


def cell(fault: str, *says: str, carried_on: bool = False, **further: object) -> Cell:
    made = {"rerun": Rerun(converged=True), "wrong": [], **further}
    return Cell("up", fault, STEP, carried_on=carried_on, says=list(says), **made)  # type: ignore[arg-type]


def row(text: str) -> dict[str, str]:
    (line,) = [line for line in text.splitlines() if line.startswith(f"| `{STEP}`")]
    return dict(zip(KINDS, line.strip("| ").split(" | ")[1:], strict=True))


def test_a_cell_names_its_message_and_what_a_rerun_needs() -> None:
    locked = Rerun(converged=True, needed=["`pulumi cancel`"])
    text = page(
        cell("429 s", carried_on=True),
        cell("403", "STEP: 403"),
        cell("404", "warning: gone", carried_on=True),
        cell("no JSON", "STEP: 403"),
        cell("kill engine", "killed", rerun=locked),
    )
    cells = row(text)
    assert [cells[name] for name in ("429 s", "403", "404", "no JSON", "kill engine", "slow", "409")] == [
        "·", "1", "·2", "1", "3a", "?", "–",  # noqa: RUF001
    ]  # fmt: skip
    assert "| 1 | STEP: 403 |" in text
    assert "- **a** `pulumi cancel`" in text


def test_a_run_that_ends_otherwise_without_a_word_is_marked() -> None:
    needed = Rerun(converged=True, needed=["`pulumi up`"])
    cells = row(page(cell("404"), cell("403", rerun=needed)))
    assert (cells["404"], cells["403"]) == ("!", "!a")


def test_what_is_wrong_or_does_not_converge_stands_out() -> None:
    cells = row(page(cell("403", rerun=Rerun(converged=False)), cell("404", carried_on=True, wrong=["a secret"])))
    assert cells["403"] == cells["404"] == f"**{NOT_CONVERGED}**"


def test_a_row_tells_what_eptura_has_where_its_runs_stop() -> None:
    text = page(
        cell("429 s", carried_on=True, at_eptura=AS_CONFIGURED),
        cell("403", "STEP: 403", at_eptura=UNCHANGED),
        cell("no JSON", "STEP", at_eptura=UNCHANGED),
        cell("kill engine", "killed", at_eptura=AS_CONFIGURED),
        cell("kill plugin", "killed", at_eptura="bob created"),
    )
    assert text.count(" | at Eptura |") == 1
    assert " | unchanged; bob created: kill plugin; as configured: kill engine |" in text
    assert parse_page(text).faults == list(KINDS)


def test_a_row_without_a_run_that_stops_is_as_configured() -> None:
    assert " | as configured |" in page(cell("429 s", carried_on=True, at_eptura=AS_CONFIGURED))


def test_a_page_reads_back_as_the_cells_it_was_made_of() -> None:
    written = parse_page(page())
    assert written.faults == list(KINDS)
    assert written.steps == {"up": [STEP]}
    assert written.not_run == list(row(written.text).values()).count("?") + 3 * len(SETTINGS)


def test_a_cell_survives_the_checkpoint() -> None:
    made = cell("403", "STEP: 403 · …", rerun=Rerun(converged=False, needed=["x"], differs=["+ y"]))
    assert Cell.from_json(made.as_json()) == made


def test_every_switch_stands_in_both_positions() -> None:
    came = [SwitchRow(found.switch, found.position, {"up": "", "preview": "", "rerun": ""}) for found in SETTINGS]
    text = render([], {}, came)
    assert text.count(" | · | · | · |") == len(SETTINGS)
    assert all(f"| `{found.switch}` |" in text for found in SETTINGS)


def test_the_page_has_all_faults_and_steps_and_cells_converge() -> None:
    written = parse_page(PAGE.read_text(encoding="utf-8"))
    assert written.faults == list(KINDS)
    assert list(written.steps) == list(OPERATIONS)
    assert written.text.count(f"**{NOT_CONVERGED}**") == 1, "a false 404 of an application, which azuread believes"
    assert all(written.steps.values())
    assert written.not_run == 0
    assert all(f"| `{found.switch}` |" in written.text for found in SETTINGS)
