"""Exports as other tools write them: what is understood, and what keeps an export from being called ready."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.mapping import Mappings
from eptura_scim.simulation.directory_check.partition import SourceError
from eptura_scim.simulation.directory_check.result import CheckResult
from eptura_scim.simulation.directory_check.run import check
from eptura_scim.simulation.directory_check.sources import boolean_words
from eptura_scim.simulation.directory_check.sources.cells import as_list, type_name
from eptura_scim.simulation.directory_check.sources.files import open_export
from eptura_scim.simulation.directory_check.sources.limits import USUAL, ReadLimits
from tests.unit.simulation.directory_samples import ObjectsPartition, codes, finding, plan, user

SAMPLES = Path(__file__).parents[2] / "data" / "exports"
PHONES = documented.mappings(phone_work="rfc3966")
HEADER = "userPrincipalName,displayName,givenName,surname,mail,id,userType,accountEnabled"
ROW = "{0}@b.example,A B,A,B,{0}@b.example,{0},Member,true"


def checked(source: Path, mappings: Mappings = PHONES, limits: ReadLimits = USUAL) -> CheckResult:
    export = open_export(source, mappings, limits)
    return check(plan(mappings, gaps=export.gaps), export.partitions)


def errors(result: CheckResult) -> set[tuple[str, str]]:
    return {(one.code, one.attribute) for one in result.findings if one.severity == "error"}


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def table(*names: str, header: str = HEADER) -> str:
    return "\n".join([header, *(ROW.format(name) for name in names)]) + "\n"


@pytest.mark.parametrize(
    ("name", "expected", "seen", "in_scope"),
    [
        ("azure-cli-az-ad-user-list.json", {("required-not-in-source", "accountEnabled")}, 1, 1),
        (
            "graph-v1.0-users-page-indented.ndjson",
            {
                ("required-not-in-source", name)
                for name in ("accountEnabled", "givenName", "mail", "surname", "userPrincipalName")
            },
            1,
            1,
        ),
        ("entra-portal-download-users-header-only.csv", {("nothing-seen", "")}, 0, 0),
        ("microsoft-365-admin-center-export-users.csv", {("required-not-in-source", "mail")}, 3, 1),
        ("graph-v1.0-users-null-accountEnabled.ndjson", {("account-enabled-unknown", "accountEnabled")}, 2, 2),
        (
            "entra-portal-bulk-create-template.csv",
            {("required-not-in-source", "id"), ("required-not-in-source", "mail")},
            1,
            1,
        ),
        (
            "powershell-7-get-mguser-export-csv.csv",
            {("account-enabled-unknown", "accountEnabled"), ("type-name-not-value", "businessPhones")},
            4,
            4,
        ),
    ],
)
def test_exports_of_other_tools_are_read_and_gaps_are_errors(
    name: str, expected: set[tuple[str, str]], seen: int, in_scope: int
) -> None:
    found = checked(SAMPLES / name)
    assert errors(found) == expected
    assert (found.totals["User"].seen, found.in_scope, found.totals["Group"].seen) == (seen, in_scope, 0)
    assert "unreadable" not in codes(found)


def test_blocked_and_deleted_admin_center_users_are_left_out() -> None:
    one = finding(checked(SAMPLES / "microsoft-365-admin-center-export-users.csv"), "disabled")
    assert [(example.who, example.detail) for example in one.examples] == [
        ("bob@example.com", ""),
        ("del@example.com", "deleted"),
    ]


@pytest.mark.parametrize(
    "before",
    ["#TYPE Selected.Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser\n", "sep=,\n", "version:v1.0\n", "\n,,,\n"],
)
def test_lines_before_the_header_are_passed_over(tmp_path: Path, before: str) -> None:
    found = checked(written(tmp_path / "users.csv", before + table("a", "b")), documented.mappings())
    assert (codes(found), found.totals["User"].seen) == ([], 2)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_spreadsheets_of_all_countries_are_read(tmp_path: Path, delimiter: str) -> None:
    text = table("a", "b").replace(",", delimiter)
    assert codes(checked(written(tmp_path / "users.csv", text), documented.mappings())) == []
    declared = written(tmp_path / "declared.txt", f"sep={delimiter}\r\n" + text.replace("\n", "\r\n"))
    assert codes(checked(declared, documented.mappings())) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same(tmp_path: Path, encoding: str, newline: str) -> None:
    rows = [ROW.format(f"u{number}").replace("A B", '"Zoë, ""Ż"""') for number in range(20)]
    text = "\n".join([HEADER, *rows, "short", ""]).replace("\n", newline)
    source = written(tmp_path / "users.csv", text, encoding)
    export = open_export(source, documented.mappings(), ReadLimits(csv_bytes=60))
    found = check(plan(gaps=export.gaps), export.partitions)
    assert len(export.partitions) > 3
    assert found.totals["User"].seen == 20
    assert codes(found) == ["unreadable"]
    [bad] = finding(found, "unreadable").examples
    assert (export.location(bad.offset), bad.detail) == ("users.csv, line 22", "1 value, the header has 8")


@pytest.mark.parametrize(
    ("enabled", "disabled"),
    [("TRUE", "FALSE"), ("Yes", "No"), ("1", "0"), ("WAHR", "FALSCH"), ("VRAI", "FAUX"), ("VERDADERO", "FALSO"),
     ("WAAR", "ONWAAR"), ("PRAWDA", "FAŁSZ"), ("ИСТИНА", "ЛОЖЬ"), ("ΑΛΗΘΗΣ", "ΨΕΥΔΗΣ"), ("Ja", "Nej"), ("Sì", "No")],
)  # fmt: skip
def test_local_words_for_true_and_false_are_understood(tmp_path: Path, enabled: str, disabled: str) -> None:
    text = table("a", "b").replace("true", enabled, 1).replace("true", disabled, 1)
    found = checked(written(tmp_path / "users.csv", text), documented.mappings())
    assert (codes(found), finding(found, "disabled").examples[0].who) == (["disabled"], "b@b.example")


def test_no_word_means_both_true_and_false() -> None:
    meanings: dict[str, set[bool]] = {}
    for words in boolean_words._LANGUAGES.values():
        for text, meaning in zip(words, (True, False), strict=True):
            for word in text.split():
                meanings.setdefault(word.casefold(), set()).add(meaning)
    assert {word for word, both in meanings.items() if len(both) > 1} == set()


@pytest.mark.parametrize(("word", "said"), [("", "is empty"), ("maybe", "maybe"), ("2", "2")])
def test_an_account_whose_state_is_not_understood_forbids_ready(tmp_path: Path, word: str, said: str) -> None:
    text = table("a", "b").replace("true", word, 1)
    one = finding(checked(written(tmp_path / "users.csv", text)), "account-enabled-unknown")
    assert (one.severity, one.count, one.examples[0].detail) == ("error", 1, said)


@pytest.mark.parametrize("header", ["Block sign in (Yes/No) [accountEnabled] Required", "Block credential",
                                    "Anmeldung blockieren (Ja/Nein) [accountEnabled] Erforderlich"])  # fmt: skip
def test_a_column_of_the_blocked_is_the_opposite_of_enabled(tmp_path: Path, header: str) -> None:
    text = table("a", "b", header=HEADER.replace("accountEnabled", header)).replace("true", "Yes", 1)
    found = checked(written(tmp_path / "users.csv", text.replace("true", "No")), documented.mappings())
    assert (codes(found), finding(found, "disabled").examples[0].who) == (["disabled"], "a@b.example")


def test_blank_rows_and_cells_behind_the_last_column_are_nothing(tmp_path: Path) -> None:
    text = HEADER + ",,\n\n,,,,,,,,,\n" + ROW.format("a") + ",,\n" + HEADER + ",,\n   \n"
    found = checked(written(tmp_path / "users.csv", text), documented.mappings())
    assert found.totals["User"].seen == 1
    assert {one.code for one in found.findings} <= {"unreadable"}


def test_of_two_columns_of_an_attribute_the_first_counts(tmp_path: Path) -> None:
    header = HEADER + ",mobile,Mobile Phone"
    rows = [ROW.format("a") + ",,+43 660 1234567", ROW.format("b") + ",+43 6607654321,+1"]
    mappings = documented.mappings(phone_mobile="direct")
    found = checked(written(tmp_path / "users.csv", "\n".join([header, *rows])), mappings)
    one = finding(found, "column-twice")
    assert (one.attribute, one.count, one.examples[0].detail) == ("mobilePhone", 2, "mobile, Mobile Phone")
    assert {seen.number for _, seen in found.phones} == {"+43 660 1234567", "+43 6607654321"}


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("+1 425 555 0100", ["+1 425 555 0100"]),
        ("a; b", ["a", "b"]),
        ("a|b", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("{a, b}", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        ("[a", ["[a"]),
        ("SMTP:a@x.example+smtp:b+c@x.example", ["SMTP:a@x.example", "smtp:b+c@x.example"]),
    ],
)
def test_cells_with_several_values_are_taken_apart(cell: str, values: list[str]) -> None:
    assert as_list(cell) == values


@pytest.mark.parametrize(
    ("text", "is_type"),
    [
        ("System.String[]", True),
        ("System.Object[]", True),
        ("System.Collections.Generic.List`1[System.String]", True),
        ("System.Collections.Hashtable", True),
        ("Microsoft.Graph.PowerShell.Models.MicrosoftGraphPasswordProfile", True),
        ("Microsoft.Open.AzureAD.Model.PasswordProfile", True),
        ("System Administrator", False),
        ("System.Administrator", False),
        ("Microsoft.Partner", False),
    ],
)
def test_type_names_of_powershell_are_told_from_words(text: str, is_type: bool) -> None:
    assert (type_name(text) == text) is is_type


def test_a_type_name_is_never_a_telephone_number(tmp_path: Path) -> None:
    text = "\n".join([HEADER + ",businessPhones", ROW.format("a") + ",System.String[]"])
    sources = [
        written(tmp_path / "users.csv", text),
        written(tmp_path / "users.json", json.dumps([user(businessPhones="System.String[]")])),
        written(tmp_path / "users.ndjson", json.dumps(user(businessPhones=["System.String[]"]))),
    ]
    for source in sources:
        found = checked(source, documented.mappings(phone_work="direct"))
        one = finding(found, "type-name-not-value")
        assert (one.severity, one.attribute, one.examples[0].detail) == ("error", "businessPhones", "System.String[]")
        assert (codes(found), found.phones) == (["type-name-not-value"], ())


PAGE: dict[str, Any] = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users(id,displayName)",
    "value": [user("a"), user("b")],
}
LAST: dict[str, Any] = {**PAGE, "value": [user("c")]}
NEXT = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x"}


@pytest.mark.parametrize(
    ("documents", "indent"),
    [
        ([[user("a"), user("b"), user("c")]], None),
        ([[user("a"), user("b"), user("c")]], 2),
        ([[[user("a")], [user("b"), user("c")]]], 2),
        ([PAGE | NEXT, LAST], None),
        ([PAGE | NEXT, LAST], 2),
        ([NEXT | PAGE, LAST], 4),
        ([{"value": [user("a"), user("b"), user("c")], "Count": 3}], 4),
        ([user("a"), user("b"), user("c")], 1),
        ([user("a"), PAGE | {"value": [user("b"), user("c")]}], 1),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_as_lists_pages_and_objects(
    tmp_path: Path, documents: list[Any], indent: int | None, encoding: str
) -> None:
    text = "\n".join(json.dumps(one, indent=indent) for one in documents)
    source = written(tmp_path / "users.json", text, encoding)
    found = checked(source, documented.mappings(), ReadLimits(document_characters=100))
    assert (codes(found), found.totals["User"].seen) == ([], 3)


def test_a_list_whose_last_page_is_missing_is_not_ready(tmp_path: Path) -> None:
    for number, text in enumerate([json.dumps(PAGE | NEXT), json.dumps(PAGE | NEXT, indent=2)]):
        source = written(tmp_path / f"{number}.json", text)
        assert finding(checked(source), "pages-missing").severity == "error"
    folder = tmp_path / "pages"
    folder.mkdir()
    written(folder / "1.json", json.dumps(PAGE | NEXT))
    written(folder / "2.json", json.dumps(LAST))
    assert codes(checked(folder, documented.mappings())) == []


def test_a_page_says_what_its_objects_are(tmp_path: Path) -> None:
    for kind, other in (("User", "Group"), ("Group", "User")):
        page = {
            "@odata.context": f"https://x.example/$metadata#{kind.lower()}s",
            "value": [{"id": "1", "displayName": "A"}],
        }
        for indent in (None, 2):
            found = checked(written(tmp_path / f"{kind}{indent}.json", json.dumps(page, indent=indent)))
            assert (found.totals[kind].seen, found.totals[other].seen) == (1, 0)  # type: ignore[index]


def test_objects_of_another_kind_are_not_called_groups(tmp_path: Path) -> None:
    device = {"@odata.type": "#microsoft.graph.device", "id": "1", "displayName": "PC"}
    one = finding(checked(written(tmp_path / "all.json", json.dumps([user(), device]))), "unreadable")
    assert one.examples[0].detail == "neither a user nor a group: @odata.type is #microsoft.graph.device"


@pytest.mark.parametrize("indent", [None, 2])
def test_powershells_and_azure_ad_graphs_names_are_understood(tmp_path: Path, indent: int | None) -> None:
    pascal = {
        "Id": "1", "UserPrincipalName": "a@b.example", "DisplayName": "A", "GivenName": "A", "Surname": "B",
        "Mail": "a@b.example", "AccountEnabled": True, "UserType": "Member", "BusinessPhones": ["+1 425 555 0100"],
        "OnPremisesExtensionAttributes": {"ExtensionAttribute1": "x"}, "AdditionalProperties": {},
    }  # fmt: skip
    old = {
        "odata.type": "Microsoft.DirectoryServices.User", "objectType": "User", "objectId": "2",
        "userPrincipalName": "c@b.example", "displayName": "C", "givenName": "C", "surname": "D", "mail": "c@b.example",
        "accountEnabled": "True", "userType": "Member", "telephoneNumber": "+1 425 555 0101",
    }  # fmt: skip
    mappings = documented.mappings(phone_work="e164", user_filter='extensionAttribute1 EQUALS "x"')
    text = "\n".join(json.dumps(one, indent=indent) for one in (pascal, old))
    found = checked(written(tmp_path / "users.json", text), mappings)
    assert {one.code: one.count for one in found.findings} == {"phone-without-tel": 1, "left-out-by-filter": 1}
    everybody = checked(tmp_path / "users.json", documented.mappings(phone_work="e164"))
    assert {seen.times for _, seen in everybody.phones} == {2}


@pytest.mark.parametrize(
    ("text", "said", "seen"),
    [
        (json.dumps([user("a"), user("b")])[:-40], "line 1: not JSON: ", 1),
        (json.dumps([user("a"), user("b")])[:-1], "the file ends within a list: it was cut off", 2),
        (json.dumps(PAGE)[:-2], "the file ends within a list: it was cut off", 2),
        ("[" + json.dumps(user("a")) + "}", "'}' is not expected here", 1),
        ('{"value": [' + json.dumps(user("a")) + '], "x": {}}', "not a page of users or groups", 1),
        ("[" * 9, "the file ends within a list", 0),
        ("[" * 200, "'[' is not expected here", 0),
        ('[{"id": ' + "[" * 200_000, "too many brackets within each other", 0),
        ('[{"id": ' + "9" * 5_000 + "}]", "a number is too long", 0),
    ],
)
def test_a_document_that_is_cut_or_broken_is_not_ready(tmp_path: Path, text: str, said: str, seen: int) -> None:
    found = checked(written(tmp_path / "users.json", text))
    [example] = finding(found, "unreadable").examples
    assert said in example.detail
    assert found.totals["User"].seen == seen


def test_an_object_without_an_end_is_given_up(tmp_path: Path) -> None:
    limits = ReadLimits(longest_object=10_000, document_characters=1_000)
    source = written(tmp_path / "users.json", '[{"id": "' + "x" * 100_000)
    assert "an object has no end" in finding(checked(source, limits=limits), "unreadable").examples[0].detail


def test_a_file_of_a_folder_that_is_not_read_forbids_ready(tmp_path: Path) -> None:
    written(tmp_path / "users.csv", table("a"))
    written(tmp_path / "report.xlsx", "PK\x03\x04")
    (tmp_path / "below").mkdir()
    written(tmp_path / ".DS_Store", "x")
    export = open_export(tmp_path, PHONES)
    one = finding(check(plan(gaps=export.gaps), export.partitions), "file-not-read")
    assert (one.severity, one.count) == ("error", 2)
    assert [export.location(example.offset) for example in one.examples] == ["below", "report.xlsx"]


def test_a_download_that_was_cut_forbids_ready(tmp_path: Path) -> None:
    written(tmp_path / "users.ndjson", json.dumps(user()))
    written(tmp_path / "checkpoint.json", "{}")
    assert "run that command again" in finding(checked(tmp_path), "file-not-read").examples[0].detail


def test_nothing_seen_and_nothing_in_scope_are_not_ready(tmp_path: Path) -> None:
    for name, text in (("a.json", "[]"), ("b.csv", HEADER), ("c.ndjson", ""), ("d.json", '{"value": []}')):
        assert codes(checked(written(tmp_path / name, text))) == ["nothing-seen"]
    blocked = written(tmp_path / "e.json", json.dumps([user(accountEnabled=False)]))
    assert codes(checked(blocked, documented.mappings())) == ["nothing-in-scope", "disabled"]


def test_users_without_a_userPrincipalName_are_not_called_groups(tmp_path: Path) -> None:  # noqa: N802
    found = checked(written(tmp_path / "users.csv", "DisplayName,Id,Mail,GivenName\nA,1,a@b.example,A\n"))
    assert ("required-not-in-source", "userPrincipalName") in errors(found)
    assert found.totals["Group"].seen == 0


def test_a_mandatory_attribute_that_is_empty_everywhere_is_said(tmp_path: Path) -> None:
    source = written(tmp_path / "users.json", json.dumps([user("a", mail=None), user("b", mail="")]))
    one = finding(checked(source), "mandatory-empty")
    assert (one.count, one.note) == (2, "empty for every user in scope: the export may have left it out")


@pytest.mark.parametrize("odd", [5, "x", {"a": 1}, [[1]], [{"a": {}}], pytest.param(10**5_000, id="huge"), True])
@pytest.mark.parametrize("name", ["businessPhones", "mail", "onPremisesExtensionAttributes", "id", "accountEnabled"])
def test_values_of_other_types_cost_their_object_alone(name: str, odd: Any) -> None:
    mappings = documented.mappings(phone_work="rfc3966", user_filter='extensionAttribute1 NOT EQUALS "x"')
    found = check(plan(mappings), [_partition([user("a", **{name: odd}), user("b")])])
    assert found.totals["User"].seen + sum(one.count for one in found.findings if one.code == "unreadable") == 2


def _partition(objects: list[dict[str, Any]]) -> Any:
    return ObjectsPartition(list(enumerate(objects, 1)))


def test_a_quote_that_is_never_closed_is_told_and_bounded(tmp_path: Path) -> None:
    limits = ReadLimits(csv_bytes=500, longest_row=300)
    rows = [ROW.format(f"u{number}") for number in range(100)]
    rows[50] = '"' + rows[50]
    source = written(tmp_path / "users.csv", "\n".join([HEADER, *rows]))
    export = open_export(source, documented.mappings(), limits)
    assert max(partition.size for partition in export.partitions) < 1_200
    assert "unreadable" in codes(check(plan(gaps=export.gaps), export.partitions))


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="not a regular file: write it to a file first"):
        checked(tmp_path / "pipe")


def test_names_that_a_terminal_cannot_show_are_replaced() -> None:
    odd = user("a", userPrincipalName="a\x1b[2J\ud800\nb", mail=None)
    shown = finding(check(plan(), [_partition([odd])]), "mandatory-empty").examples[0].who
    assert shown == "a\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER} b"


def test_groups_are_read_from_the_portals_columns(tmp_path: Path) -> None:
    header = "id,displayName,groupType,membershipType,source,mail,securityEnabled"
    found = checked(written(tmp_path / "groups.csv", f"{header}\n1,Floor 2,Security,Assigned,Cloud,,True\n"))
    assert (codes(found), found.totals["Group"].in_scope) == ([], 1)


@pytest.mark.parametrize("lost", ["#NAME?", "#NV", "#DIV/0!", "4,98955E+11", "4.98955E+11"])
def test_a_value_that_excel_lost_is_an_error_of_the_export(lost: str, tmp_path: Path) -> None:
    header, row = f"{HEADER},telephoneNumber", ROW.format("a")
    found = checked(written(tmp_path / "users.csv", f'{header}\n{row},"{lost}"\n'))
    assert errors(found) == {("type-name-not-value", "businessPhones")}
    [example] = finding(found, "type-name-not-value").examples
    assert example.detail == lost


@pytest.mark.parametrize("kept", ["#1 of Munich", "#TEAM!", "E+1", "1E5"])
def test_a_value_that_looks_like_an_error_is_kept(kept: str, tmp_path: Path) -> None:
    row = ROW.format("a").replace("A B", kept)
    assert errors(checked(written(tmp_path / "users.csv", f"{HEADER}\n{row}\n"))) == set()


def test_a_removed_user_of_a_delta_page_is_left_out(tmp_path: Path) -> None:
    page = {
        "@odata.deltaLink": "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x",
        "value": [user("a"), {"id": "91111111-1111-1111-1111-111111111111", "@removed": {"reason": "changed"}}],
    }
    found = checked(written(tmp_path / "delta.json", json.dumps(page)))
    assert (errors(found), found.totals["User"].seen, found.totals["Group"].seen) == (set(), 1, 0)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"error": {"code": "RequestDenied", "message": "No."}}, "an error of Microsoft Graph, not a list: Request"),
        ({"responses": [{"id": "1", "body": {"value": []}}]}, "the answer of a $batch"),
    ],
)  # fmt: skip
def test_errors_and_batches_of_graph_are_named(document: Any, said: str, tmp_path: Path) -> None:
    found = checked(written(tmp_path / "answer.json", json.dumps(document)))
    assert {code for code, _ in errors(found)} == {"unreadable", "nothing-seen"}
    [example] = finding(found, "unreadable").examples
    assert said in example.detail
