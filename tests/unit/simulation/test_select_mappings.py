"""Whose mappings a simulation and a directory check take."""

from __future__ import annotations

from pathlib import Path

import pytest

from eptura_scim.simulation.select_mappings import NoStackError, stack_settings


@pytest.mark.parametrize(
    ("files", "known"),
    [
        (["Pulumi.dev.yaml", "Pulumi.prod.yaml"], "the project has those of dev, prod"),
        ([], "the project has none of any stack"),
    ],
)
def test_a_stack_without_settings_is_told_beside_the_others(tmp_path: Path, files: list[str], known: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: eptura\nruntime: python\n")
    for name in files:
        (tmp_path / name).write_text("config: {}\n")
    with pytest.raises(NoStackError) as caught:
        stack_settings(tmp_path, "nope")
    assert str(caught.value) == (
        f"settings of the stack 'nope' not found: {tmp_path / 'Pulumi.nope.yaml'} is missing, and {known}. Check "
        "--stack, or write them: `pulumi config set --stack nope tenantUrl https://…`"
    )
