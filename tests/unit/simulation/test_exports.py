"""Exports of a directory: every format gives the same findings, and bad lines are named, never a traceback."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim import documented
from eptura_scim.mapping import AttributeMapping
from eptura_scim.simulation.directory_check.partition import SourceError
from eptura_scim.simulation.directory_check.result import CheckResult
from eptura_scim.simulation.directory_check.run import check
from eptura_scim.simulation.directory_check.sources.files import open_export
from eptura_scim.simulation.directory_check.sources.limits import USUAL, ReadLimits
from tests.examples import examples
from tests.unit.simulation.directory_samples import codes, finding, group, plan, user

MAPPINGS = documented.mappings(phone_work="rfc3966", user_filter='department NOT EQUALS "Legal"')
PORTAL = (
    "userPrincipalName", "displayName", "surname", "mail", "givenName", "objectId", "userType", "jobTitle",
    "department", "accountEnabled", "telephoneNumber", "mobile",
)  # fmt: skip


def checked(source: Path, limits: ReadLimits = USUAL) -> CheckResult:
    export = open_export(source, MAPPINGS, limits)
    return check(plan(MAPPINGS, gaps=export.gaps), export.partitions)


def places(source: Path) -> list[str]:
    """Where lines cannot be read."""
    export = open_export(source, MAPPINGS)
    found = check(plan(MAPPINGS, gaps=export.gaps), export.partitions)
    return [f"{export.location(one.offset)}: {one.detail}" for one in finding(found, "unreadable").examples]


@pytest.fixture
def users() -> list[dict[str, Any]]:
    """Thirty users with something wrong here and there, also names that need quotes."""
    made = [
        user(
            f"u{at}",
            department=("Sales", "Legal", 'R&D, "labs"\nBasel')[at % 3],
            businessPhones=["+1 (425) 555-0100"] if at % 2 else [],
            surname=None if at % 7 == 0 else "Vance",
            accountEnabled=at % 11 != 0,
        )
        for at in range(30)
    ]
    made[20]["userPrincipalName"] = made[17]["userPrincipalName"].upper()
    return made


def as_lines(path: Path, objects: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")
    return path


def as_portal_csv(path: Path, users: Sequence[dict[str, Any]], delimiter: str = ",") -> Path:
    names = {"objectId": "id", "telephoneNumber": "businessPhones", "mobile": "mobilePhone"}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(PORTAL)
        for one in users:
            values = [one.get(names.get(column, column)) for column in PORTAL]
            writer.writerow([";".join(value) if isinstance(value, list) else value for value in values])
    return path


def as_parquet(path: Path, users: Sequence[dict[str, Any]], **options: Any) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(pyarrow.Table.from_pylist(list(users)), path, **options)
    return path


def counts(found: CheckResult) -> dict[tuple[str, str], int]:
    return {(one.code, one.attribute): one.count for one in found.findings}


def test_every_format_gives_the_same_findings(tmp_path: Path, users: list[dict[str, Any]]) -> None:
    expected = counts(checked(as_lines(tmp_path / "users.ndjson", users)))
    assert ("username-not-unique", "userName") in expected
    limits = ReadLimits(json_lines_bytes=700, csv_bytes=300, parquet_rows=4)
    sources = [
        tmp_path / "users.ndjson",
        as_portal_csv(tmp_path / "users.csv", users),
        as_portal_csv(tmp_path / "excel.csv", users, delimiter=";"),
        as_parquet(tmp_path / "users.parquet", users),
        as_parquet(tmp_path / "groups-of-rows.parquet", users, row_group_size=7),
    ]
    assert all(len(open_export(source, MAPPINGS, limits).partitions) > 3 for source in sources)
    assert [counts(checked(source, limits)) for source in sources] == [expected] * len(sources)


def test_the_files_of_a_folder_are_a_single_directory(tmp_path: Path) -> None:
    as_lines(tmp_path / "a.ndjson", [user("ada", department="Sales")])
    as_portal_csv(tmp_path / "b.csv", [user("Ada", department="Sales")])
    as_lines(tmp_path / "groups.jsonl", [group("x", id="1"), group("x", id="2")])
    (tmp_path / "notes.txt").write_text("not read")
    found = checked(tmp_path)
    assert (finding(found, "username-not-unique").count, finding(found, "group-name-not-unique").count) == (2, 2)


def test_lines_that_hold_no_object_are_named(tmp_path: Path) -> None:
    good = json.dumps(user())
    source = tmp_path / "users.ndjson"
    source.write_bytes(
        b"\xef\xbb\xbf" + "\r\n".join([good, "{", "", "5", '{"a": 1}', '{"value": []}', good]).encode() + b"\n\xff\n"
    )
    said = places(source)
    assert [line.partition(":")[0] for line in said] == [f"users.ndjson, line {at}" for at in (2, 4, 5, 6, 8)]
    assert said[1].endswith("not a JSON object")


def test_rows_that_do_not_fit_the_header_are_named(tmp_path: Path) -> None:
    source = tmp_path / "users.csv"
    source.write_bytes(b'userPrincipalName,mail\na@b.example,"x\ny"\nshort\nm\xfcller@b.example,z\n\n1,2,3\n')
    assert places(source) == [
        "users.csv, line 4: 1 value, the header has 2",
        "users.csv, line 5: not UTF-8 text",
        "users.csv, line 7: 3 values, the header has 2",
    ]


def test_a_value_that_is_too_long_costs_its_row_alone(tmp_path: Path) -> None:
    source = tmp_path / "users.csv"
    source.write_text(f"userPrincipalName,mail\na@b.example,{'x' * 140_000}\nshort\nc@b.example,c@b.example\n")
    assert places(source) == [
        "users.csv, line 2: not CSV: field larger than field limit (131072)",
        "users.csv, line 3: 1 value, the header has 2",
    ]
    assert checked(source).in_scope == 1


def test_a_table_of_groups_is_known_by_its_columns(tmp_path: Path) -> None:
    source = tmp_path / "groups.csv"
    source.write_text("Object Id,Display name,Security enabled\n1,Floor 2,yes\n2,floor 2,no\n")
    found = checked(source)
    assert (finding(found, "group-name-not-unique").count, found.totals["Group"].seen) == (2, 2)


def test_extension_attributes_are_columns_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "users.csv"
    header = (
        "userPrincipalName,displayName,givenName,surname,mail,objectId,userType,accountEnabled,ExtensionAttribute12"
    )
    rows = [
        f"{at}@b.example,A B,A,B,{at}@b.example,{at},Member,true,{floor}" for at, floor in enumerate(["2", "3", ""])
    ]
    source.write_text("\n".join([header, *rows]) + "\n")
    mappings = documented.mappings()
    row = AttributeMapping(source='Switch([extensionAttribute12], , "2", "Second floor")')
    mappings = mappings.model_copy(update={"users": {**mappings.users, "title": row}})
    export = open_export(source, mappings)
    found = check(plan(mappings, gaps=export.gaps), export.partitions)
    one = finding(found, "expression-gives-nothing")
    assert codes(found) == ["expression-gives-nothing"]
    assert (one.count, one.examples[0].detail) == (1, "[extensionAttribute12] 3")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "userPrincipalName".encode("utf-32"), "UTF-32 text: save it as UTF-8"),
        ("a.csv", b"Name,Shoe size\n", "no column userPrincipalName"),
        ("a.csv", b"Member object ID or user principal name [memberObjectIdOrUpn] Required\n", "no column user"),
        ("a.xlsx", b"PK\x03\x04...", "an Excel workbook"),
        ("a.xls", b"\xd0\xcf\x11\xe0...", "a workbook of an older Excel"),
        ("a.csv.gz", b"\x1f\x8b...", "compressed by gzip: unpack it"),
        ("a.pdf", b"%PDF-1.7", "a PDF document"),
        ("a.xml", "<Objs>".encode("utf-16"), "a page of HTML or XML"),
        ("a.csv", b"userPrincipalName," + b"x" * 140_000, "line 1: not CSV: field larger than field limit"),
        ("a.parquet", b"PAR1 and nothing more", "cannot be read as Parquet"),
    ],
)
def test_another_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=said) as caught:
        checked(tmp_path / name)
    assert name in str(caught.value)
    if not name.endswith(".parquet"):
        assert "A good export, in PowerShell:\n  $p = 'accountEnabled,businessPhones,department,displayName," in str(
            caught.value
        )


def test_a_line_without_an_end_is_not_a_list_of_objects(tmp_path: Path) -> None:
    source = tmp_path / "users.ndjson"
    source.write_text(json.dumps(user()) + "\n" + "x" * 400)
    with pytest.raises(SourceError, match=r"users\.ndjson: line 2 has no end; one user or group a line is expected"):
        checked(source, ReadLimits(json_lines_bytes=300, longest_line=100))


@pytest.mark.parametrize("name", ["users.ndjson", "users.csv", "users.parquet"])
def test_a_file_that_disappears_during_the_check_is_named(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    write: dict[str, Callable[[Path, list[dict[str, Any]]], Path]]
    write = {".ndjson": as_lines, ".csv": as_portal_csv, ".parquet": as_parquet}
    export = open_export(write[source.suffix](source, [user()]), MAPPINGS)
    source.unlink()
    with pytest.raises(SourceError, match=rf"{name} cannot be read"):
        check(plan(MAPPINGS), export.partitions)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "users.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SourceError, match=r"users\.parquet: Parquet needs pyarrow: pip install pyarrow"):
        checked(tmp_path / "users.parquet")


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        checked(tmp_path / "nothing")


def test_columns_that_a_file_lacks_are_named_instead_of_judged(tmp_path: Path) -> None:
    source = tmp_path / "users.csv"
    source.write_text("User principal name,First name,Last name,Object Id\na@b.example,A,B,1\n")
    found = checked(source)
    lacking = {one.attribute: one.note for one in found.findings}
    assert lacking.keys() == {"accountEnabled", "businessPhones", "department", "displayName", "mail", "userType"}
    assert lacking["department"] == "needed for the scoping filter"
    by_code = {one.attribute: one.code for one in found.findings}
    assert {name for name, code in by_code.items() if code == "required-not-in-source"} == {
        "accountEnabled", "department", "mail"
    }  # fmt: skip
    assert (set(by_code.values()), found.failing) == ({"required-not-in-source", "attribute-not-in-source"}, 0)


@examples(30)
@given(content=st.binary(max_size=200), ending=st.sampled_from([".ndjson", ".csv"]))
def test_no_bytes_end_in_a_traceback(tmp_path: Path, content: bytes, ending: str) -> None:
    source = tmp_path / f"fuzzed{ending}"
    source.write_bytes((b"userPrincipalName,mail\n" if ending == ".csv" else b"") + content)
    try:
        checked(source)
    except SourceError as error:
        assert source.name in str(error)
