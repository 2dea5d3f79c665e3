"""Users, groups and assignments survive a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from eptura_scim.local_entra import LocalEntra, StateCorruptError
from tests.unit.local_entra.directory.people_state import everything


def test_people_survive_a_restart(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path) as entra:
        entra.people.generate(50)
        app = entra.portal.create_application("Eptura")
        first, second, third = (user["id"] for user in entra.people.users()[:3])
        entra.people.update_user(first, {"jobTitle": "Director"})
        entra.people.assign(app, second)
        entra.people.delete_user(third)
        before = (everything(entra.people), entra.people.assignments(app))
    assert (tmp_path / "people.jsonl").stat().st_mode & 0o777 == 0o600

    for _ in range(2):
        with LocalEntra.start(state_dir=tmp_path) as entra:
            assert (everything(entra.people), entra.people.assignments(app)) == before


def test_a_write_costs_a_line_regardless_of_the_directorys_size(tmp_path: Path) -> None:
    sizes = []
    for count in (10, 1000):
        folder = tmp_path / str(count)
        with LocalEntra.start(state_dir=folder) as entra:
            entra.people.generate(count)
            journal = folder / "people.jsonl"
            before = journal.stat().st_size
            entra.people.update_user(entra.people.users()[0]["id"], {"jobTitle": "x" * 10})
            sizes.append(journal.stat().st_size - before)
    assert abs(sizes[0] - sizes[1]) < 20


@pytest.mark.parametrize("line", ["{", "[]", '{"n": 1}x', '{"put": "user"}', '{"n": 1, "put": "user", "object": {}}',
                                  '{"n": 1, "odd": 2}', '{"n": 1, "unassign": "x"}'])  # fmt: skip
def test_a_spoiled_journal_is_named_and_unchanged(tmp_path: Path, line: str) -> None:
    LocalEntra.start(state_dir=tmp_path).close()
    path = tmp_path / "people.jsonl"
    path.write_text(line + "\n")
    for _ in range(2):
        with pytest.raises(StateCorruptError, match=rf"{path} .*line 1"):
            LocalEntra.start(state_dir=tmp_path)
    assert path.read_text() == line + "\n"
