"""For any file, `check-directory` ends in a result or one readable error, and memory does not grow with it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from eptura_scim.cli.app import app
from eptura_scim.errors import ReadableError
from tests.examples import examples

KEYS = [
    "id", "Id", "objectId", "userPrincipalName", "UserPrincipalName", "displayName", "mail", "givenName", "surname",
    "accountEnabled", "Block credential", "Block sign in (Yes/No) [accountEnabled] Required", "userType",
    "businessPhones", "telephoneNumber", "Mobile Phone", "mobilePhone", "ExtensionAttribute1", "deletedDateTime",
    "onPremisesExtensionAttributes", "AdditionalProperties", "@odata.type", "@odata.context", "@odata.nextLink", "",
    "x", "value",
]  # fmt: skip
TEXTS = [
    "", "a@b.example", "A@b.example", "true", "FALSCH", "System.String[]", "+1 425 555 0100", "{a, b}", "=1+1", '"',
    "\x1b", "\n", "#microsoft.graph.group", "#microsoft.graph.device", "https://graph.microsoft.com/v1.0/$metadata#users",
]  # fmt: skip
texts = st.sampled_from(TEXTS) | st.text(max_size=6)
values = st.recursive(
    st.none() | st.booleans() | texts | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=10)
documents = st.lists(objects, max_size=4) | st.fixed_dictionaries({"value": st.lists(objects, max_size=4)}) | objects
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])


@st.composite
def json_files(draw: st.DrawFn) -> bytes:
    shown = [
        json.dumps(one, indent=draw(st.sampled_from([None, 2])), ensure_ascii=draw(st.booleans()))
        for one in draw(st.lists(documents, max_size=4))
    ]
    return draw(st.sampled_from(["\n", "", "\r", ",", " \r\n"])).join(shown).encode(draw(encodings), "replace")


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    file = io.StringIO()
    file.write(draw(st.sampled_from(["", "#TYPE X\n", "sep=;\n", "version:v1.0\n", "\n", "sep=\n", 'sep="\n'])))
    writer = csv.writer(file, delimiter=draw(st.sampled_from(",;\t|")), lineterminator=draw(st.sampled_from("\n\r")))
    columns = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=8))
    writer.writerow(columns)
    for _ in range(draw(st.integers(0, 5))):
        writer.writerow(draw(st.lists(texts, min_size=len(columns) - 1, max_size=len(columns) + 1)))
    return file.getvalue().encode(draw(encodings), "replace")


@st.composite
def spoiled(draw: st.DrawFn, files: st.SearchStrategy[bytes]) -> bytes:
    """A file that was cut, or in which something was put."""
    content = draw(files)
    at = draw(st.integers(0, len(content)))
    return content[:at] + draw(st.binary(max_size=4)) + content[at + draw(st.sampled_from([0, 1, 1 << 20])) :]


def run(folder: Path, name: str, content: bytes) -> int:
    """The exit code of a check with everything that it can write."""
    source = folder / name
    source.write_bytes(content)
    options = ["--html", str(folder / "page.html"), "--list", str(folder / "list.csv"), "--phone-work", "rfc3966"]
    outputs = []
    for more in ([], ["--json"]):
        command = ["check-directory", str(source), "--mappings", "documented", *options, *more]
        seen = CliRunner().invoke(app, command)
        assert seen.exception is None or isinstance(seen.exception, SystemExit | ReadableError), repr(seen.exception)
        outputs.append((seen.exit_code, seen.stdout))
    (code, text), (same, printed) = outputs
    assert code == same
    if code != 1:
        report = json.loads(printed)
        assert (code == 0) == ("Ready: " in text) == (report["worst"] != "error")
        assert code == 3 or report["users"]["inScope"] + report["groups"]["inScope"] > 0
    return code


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.csv", "a"])
@examples(15)
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes) -> None:
    run(tmp_path_factory.mktemp("fuzz"), name, content)


@examples(25)
@given(content=json_files() | spoiled(json_files()))
def test_json_of_any_shape(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    run(tmp_path_factory.mktemp("fuzz"), "a.json", content)


@examples(25)
@given(content=csv_files() | spoiled(csv_files()))
def test_tables_of_any_shape(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    run(tmp_path_factory.mktemp("fuzz"), "a.csv", content)


@examples(15)
@given(
    rows=st.lists(st.dictionaries(st.sampled_from(KEYS[:-2]), texts | st.none(), max_size=8), max_size=4),
    data=st.data(),
)
def test_parquet_of_any_columns(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    import pyarrow
    from pyarrow.parquet import write_table

    columns = sorted({key for row in rows for key in row})
    table = pyarrow.table(
        {name: pyarrow.array([_clean(row.get(name)) for row in rows], pyarrow.string()) for name in columns}
    )
    written = io.BytesIO()
    write_table(table, written)
    content = written.getvalue()
    run(tmp_path_factory.mktemp("fuzz"), "a.parquet", content[: data.draw(st.sampled_from([len(content), 100, 20, 4]))])


def _clean(text: str | None) -> str | None:
    return text and text.encode("utf-8", "replace").decode()


@examples(25)
@given(found=st.lists(objects, max_size=6), indent=st.sampled_from([None, 2]))
def test_no_object_of_a_list_is_lost(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]], indent: int | None
) -> None:
    """Each is seen or called unreadable."""
    plain = [{"id": "1", **one, "value": "no page"} for one in found]
    source = tmp_path_factory.mktemp("fuzz") / "a.json"
    source.write_text(json.dumps(plain, indent=indent))
    command = ["check-directory", str(source), "--mappings", "documented", "--json"]
    report = json.loads(CliRunner().invoke(app, command).stdout)
    unreadable = sum(one["count"] for one in report["findings"] if one["code"] == "unreadable")
    assert report["users"]["seen"] + report["groups"]["seen"] + unreadable == len(plain)


USER = {"id": "1", "displayName": "A", "userPrincipalName": "a@b.example", "aboutMe": "x" * 4_000}
# The peak of this process alone: `ru_maxrss` of a new process begins with the peak of the process that started it.
MEASURE = r"""
import re, sys
from pathlib import Path
from typer.testing import CliRunner
from eptura_scim.cli.app import app
seen = CliRunner().invoke(app, ["check-directory", sys.argv[1], "--mappings", "documented", "--workers", "1", "--json"])
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1)
print(seen.exit_code, type(seen.exception).__name__, int(peak) // 1024)
"""
MEBIBYTES = 32


def _repeated(text: str, before: str = "", after: str = "") -> bytes:
    return (before + text * ((MEBIBYTES << 20) // len(text)) + after).encode()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of one process is read from Linux's /proc")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.json", lambda: _repeated(json.dumps(USER) + ",", "[", json.dumps(USER) + "]")),
        ("page.json", lambda: _repeated(json.dumps(USER) + ",", '{"value": [', json.dumps(USER) + "]}")),
        ("endless-text.json", lambda: _repeated("x", '[{"id": "')),
        ("brackets.json", lambda: _repeated("[")),
        ("endless-line.ndjson", lambda: _repeated("x", json.dumps(USER) + "\n")),
        ("open-quote.csv", lambda: _repeated("a," + "b" * 4_000 + "\n", 'userPrincipalName,mail\n"')),
        ("one-line.csv", lambda: _repeated("a,")),
        ("wide.csv", lambda: _repeated(",", "userPrincipalName,mail\n")),
        ("zeros.csv", lambda: bytes(MEBIBYTES << 20)),
    ],
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str, content: Callable[[], bytes]) -> None:
    source = tmp_path / name
    source.write_bytes(content())
    ended = subprocess.run([sys.executable, "-c", MEASURE, str(source)], capture_output=True, text=True, check=True)
    code, exception, mebibytes = ended.stdout.split()
    assert (code, exception) in {("1", "NotAnExportError"), ("1", "SourceError"), ("3", "SystemExit")}
    assert int(mebibytes) < 300
