"""The table of the guide's lines is complete, and what no other test shows is shown here."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from eptura_scim import documented
from eptura_scim.mapping import apply, expressions_to_parse, mappings_of, source_tree
from eptura_scim.settings import Settings
from eptura_scim.types import copied
from tests.repository.named_tests import names_of_tests

ROOT = Path(__file__).parents[2]
LINES = [f"S{number}" for number in range(1, 50)] + [f"C{number}" for number in range(1, 18)]


def table() -> dict[str, list[str]]:
    """The cells of each line of docs/checklist.md."""
    rows: dict[str, list[str]] = {}
    for text in (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8").splitlines():
        if re.match(r"\| [SC]\d+ \|", text):
            line, *cells = (cell.strip() for cell in text.strip("|").split("|"))
            assert line not in rows, f"{line} stands twice"
            rows[line] = cells
    return rows


def test_every_line_of_the_guide_is_in_the_table_and_has_a_test() -> None:
    rows, known = table(), set(names_of_tests())
    assert list(rows) == LINES
    shown = {line: re.findall(r"`(test_\w+)`", cells[-1]) for line, cells in rows.items()}
    assert {line for line, names in shown.items() if not names} == set()
    assert {name for names in shown.values() for name in names} - known == set()


def test_each_promise_of_a_running_stack_names_a_test() -> None:
    text = (ROOT / "docs" / "changes.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(test_\w+)`", text)) - set(names_of_tests()) == set()
    assert [promise for promise in ("I1", "I2", "I3", "I4", "I5") if f"| {promise} |" not in text] == []


def test_the_settings_that_the_table_names_exist() -> None:
    options = " ".join(cells[-2] for line, cells in table().items() if line.startswith("C"))
    names = {name.split(":")[0] for name in re.findall(r"`([^`]+)`", options)}
    assert names <= {field.alias for field in Settings.model_fields.values()}


def test_the_readme_leads_to_the_pages_that_the_guide_names() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "https://knowledge.eptura.com/Eptura/Eptura_SCIM_API" in text
    for page in ("API token", "User attributes", "Schemas"):
        assert page in text


def test_a_group_name_matches_second_or_not_at_all() -> None:
    second = documented.mappings(group_matching="externalIdThenDisplayName").groups
    never = documented.mappings(group_matching="externalIdOnly").groups
    assert [second[name].matching_precedence for name in ("externalId", "displayName")] == [1, 2]
    assert [never[name].matching_precedence for name in ("externalId", "displayName")] == [1, 0]


def test_the_group_row_object_id_is_the_row_of_external_id() -> None:
    assert [row.target for row in documented.GROUPS if row.source == "[objectId]"] == ["externalId"]


@pytest.mark.parametrize("older", ["Azure Active Directory", "Windows Azure Active Directory"])
def test_mappings_of_an_older_tenant_are_found_by_older_names(older: str) -> None:
    text = (
        resources.files("eptura_scim.local_entra").joinpath("data/scim-default-schema.json").read_text(encoding="utf-8")
    )
    schema: dict[str, Any] = json.loads(text.replace("Microsoft Entra ID", older))
    before = copied(schema)
    wanted = documented.mappings()
    assert older in json.dumps(before)
    edited = apply(schema, wanted, {source: source_tree(source) for source in expressions_to_parse(schema, wanted)})
    assert mappings_of(edited) == wanted


def test_every_setting_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    first_cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    documented_names = re.findall(r"`(\w+)`", " ".join(first_cells))
    assert sorted(documented_names) == sorted(field.alias or "" for field in Settings.model_fields.values())
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert sorted(project["config"]) == sorted(documented_names)
