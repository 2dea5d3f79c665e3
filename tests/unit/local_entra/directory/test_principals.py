"""Users, groups, members and assignments: what may be done to them, what changed, and what survives a restart."""

from __future__ import annotations

import json
import resource
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.local_entra import ImportFailedError, ODataError, StateError
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.directory.principal_models import new_group, new_user
from eptura_scim.local_entra.directory.principal_state import PeopleState
from eptura_scim.local_entra.directory.principals import DEFAULT_ROLE, People
from eptura_scim.local_entra.directory.templates.new_applications import USER_ROLE
from eptura_scim.local_entra.storage.event_log import Journal
from eptura_scim.local_entra.storage.store import FolderStore, MemoryStore
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE, Tenant
from tests.examples import examples
from tests.unit.local_entra.directory.people_state import everything
from tests.unit.local_entra.fixed_clock import FixedClock

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def directory(clock: FixedClock) -> ApplicationRegistry:
    return ApplicationRegistry(Tenant(), MemoryStore(), clock, Switches(template_app_roles=False))


@pytest.fixture
def people(directory: ApplicationRegistry, clock: FixedClock) -> People:
    return People(directory, MemoryStore(), clock)


@pytest.fixture
def app(directory: ApplicationRegistry) -> str:
    """A service principal."""
    return str(directory.instantiate(NON_GALLERY_TEMPLATE, "Eptura")["servicePrincipal"]["id"])


def add(people: People, name: str, **properties: Any) -> str:
    return str(people.add_user(userPrincipalName=f"{name}@contoso.example", **properties)["id"])


# Users and groups


def test_a_user_is_complete_graph_json(people: People) -> None:
    user = people.add_user(userPrincipalName="adele@contoso.example", displayName="Adele", businessPhones=["+1 425 5"])

    assert user == people.user(user["id"]) == people.user("ADELE@contoso.example")
    assert user["mailNickname"] == "adele"
    assert (user["mail"], user["accountEnabled"], user["userType"], user["deletedDateTime"]) == (
        None,
        True,
        "Member",
        None,
    )
    assert user["createdDateTime"] == "2026-11-24T12:00:00Z"


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"userPrincipalName": "adele"}, "userPrincipalName"),
        ({"userPrincipalName": "@contoso.example"}, "userPrincipalName"),
        ({"displayName": "Adele"}, "userPrincipalName"),
        ({"userPrincipalName": "a@x", "phone": "1"}, "'phone'"),
        ({"userPrincipalName": "a@x", "accountEnabled": "yes"}, "accountEnabled"),
        ({"userPrincipalName": "a@x", "businessPhones": "1"}, "businessPhones"),
        ({"userPrincipalName": "a@x", "displayName": ""}, "displayName"),
        ({"userPrincipalName": "a@x", "mailNickname": "a b"}, "mailNickname"),
        ({"userPrincipalName": "a@x", "onPremisesExtensionAttributes": {"attribute1": "x"}}, "onPremisesExtension"),
        (
            {"userPrincipalName": "a@x", "onPremisesExtensionAttributes": {"extensionAttribute1": ["x"]}},
            "onPremisesExtension",
        ),
    ],
)
def test_a_user_that_graph_would_refuse_is_refused(people: People, properties: dict[str, Any], named: str) -> None:
    with pytest.raises(ODataError, match=named) as caught:
        people.add_user(**properties)
    assert (caught.value.status, caught.value.code) == (400, "Request_BadRequest")
    assert people.users() == []


def test_a_user_principal_name_is_unique_regardless_of_case(people: People) -> None:
    adele, other = add(people, "adele"), add(people, "other")
    with pytest.raises(ODataError, match="userPrincipalName already exists"):
        add(people, "ADELE")
    with pytest.raises(ODataError, match="userPrincipalName already exists"):
        people.update_user(other, {"userPrincipalName": "Adele@contoso.example"})
    people.update_user(adele, {"userPrincipalName": "Adele@contoso.example"})

    people.delete_user(adele)
    add(people, "adele")
    with pytest.raises(ODataError, match="userPrincipalName already exists"):
        people.restore(adele)


def test_two_groups_may_have_the_same_name(people: People) -> None:
    first, second = people.add_group(displayName="Facilities"), people.add_group(displayName="Facilities")
    assert first["id"] != second["id"]
    assert first["securityEnabled"] is True


def test_an_update_changes_only_the_named_properties(people: People) -> None:
    before = people.add_user(userPrincipalName="a@contoso.example", jobTitle="Engineer", mobilePhone="1")
    kept = dict(before)
    after = people.update_user(before["id"], {"jobTitle": "Director", "extension_" + "a" * 32 + "_badge": "7"})

    assert after == {**kept, "jobTitle": "Director", "extension_" + "a" * 32 + "_badge": "7"}
    assert before == kept
    with pytest.raises(ODataError, match="'createdDateTime' is read-only"):
        people.update_user(before["id"], {"createdDateTime": "2020-01-01T00:00:00Z"})
    with pytest.raises(ODataError, match="'id' is read-only"):
        people.update_user(before["id"], {"id": NOBODY})
    people.update_user(before["id"], {"id": before["id"]})


def test_a_password_is_taken_and_never_kept(people: People) -> None:
    user = people.add_user(userPrincipalName="a@contoso.example", passwordProfile={"password": "Pass-w0rd"})
    assert "Pass-w0rd" not in json.dumps(user)


# The recycle bin


def test_a_deleted_user_is_in_the_bin_for_30_days(people: People, clock: FixedClock) -> None:
    adele = add(people, "adele")
    people.delete_user(adele)
    with pytest.raises(ODataError, match=adele):
        people.user(adele)
    found = people.find(adele)
    assert found
    assert found["deletedDateTime"] == "2026-11-24T12:00:00.0000000Z"
    assert people.deleted() == [found]

    clock.now += timedelta(days=30, seconds=-1)
    assert people.restore(adele)["deletedDateTime"] is None
    people.delete_user(adele)
    _, number = people.changes_since(0)
    clock.now += timedelta(days=30)
    assert people.changes_since(number).ids == [adele]
    assert people.find(adele) is None
    assert people.kind(adele) == "user"
    with pytest.raises(ODataError):
        people.restore(adele)


def test_a_user_comes_back_with_groups_and_assignments(people: People, app: str) -> None:
    adele, group = add(people, "adele"), people.add_group(displayName="g")["id"]
    people.add_member(group, adele)
    made = people.assign(app, adele)
    people.delete_user(adele)
    assert (people.members(group), people.assignments(app)) == ([], [])

    people.restore(adele)
    assert [member["id"] for member in people.members(group)] == [adele]
    assert people.assignments(app) == [made]
    people.delete_user(adele)
    people.purge(adele)
    assert (people.members(group), people.assignments(app), people.deleted()) == ([], [], [])


def test_only_a_microsoft_365_group_is_deleted_softly(people: People) -> None:
    security = people.add_group(displayName="security")["id"]
    unified = people.add_group(displayName="unified", groupTypes=["Unified"])["id"]
    people.add_member(security, unified)
    people.delete_group(security)
    people.delete_group(unified)

    assert [entry["id"] for entry in people.deleted()] == [unified]
    assert people.restore(unified)["displayName"] == "unified"
    assert people.groups_of(unified) == []


def test_a_deleted_group_leaves_the_groups_it_was_a_member_of(people: People) -> None:
    inner, outer = (people.add_group(displayName=name)["id"] for name in ("inner", "outer"))
    people.add_member(outer, inner)
    number = people.changes_since(0).number
    people.delete_group(inner)
    assert people.changes_since(number).ids == [outer, inner]
    assert people.members(outer) == []


# Members and assignments


def test_members_are_added_once_and_removed(people: People) -> None:
    group, adele, inner = (
        people.add_group(displayName="g")["id"],
        add(people, "adele"),
        people.add_group(displayName="i"),
    )
    people.add_member(group, adele, inner["id"])
    assert [member["id"] for member in people.members(group)] == [adele, inner["id"]]
    assert [found["id"] for found in people.groups_of(adele)] == [group]
    with pytest.raises(ODataError, match="already exist"):
        people.add_member(group, adele)
    people.remove_member(group, adele)
    with pytest.raises(ODataError, match="does not exist"):
        people.remove_member(group, adele)
    with pytest.raises(ODataError, match="does not exist"):
        people.add_member(group, NOBODY)
    assert people.members(group) == [inner]


def test_an_assignment_has_the_shape_of_graph(people: People, directory: ApplicationRegistry, app: str) -> None:
    adele = add(people, "adele", displayName="Adele")
    made = people.assign(app, adele)
    people.update_user(adele, {"displayName": "Adele Vance"})

    assert people.assignments(app) == people.assignments_of(adele) == [{**made, "principalDisplayName": "Adele Vance"}]
    assert made == {
        "id": made["id"],
        "deletedDateTime": None,
        "appRoleId": "00000000-0000-0000-0000-000000000000",
        "createdDateTime": "2026-11-24T12:00:00.0000000Z",
        "principalDisplayName": "Adele",
        "principalId": adele,
        "principalType": "User",
        "resourceDisplayName": "Eptura",
        "resourceId": app,
    }
    with pytest.raises(ODataError, match="already exists"):
        people.assign(app, adele)
    with pytest.raises(ODataError, match="not found on application"):
        people.assign(app, adele, NOBODY)
    with pytest.raises(ODataError, match=NOBODY):
        people.assign(NOBODY, adele)
    people.unassign(app, made["id"])
    with pytest.raises(ODataError):
        people.unassign(app, made["id"])


def test_people_get_the_role_user_where_an_app_declares_roles(people: People, directory: ApplicationRegistry) -> None:
    directory.switches.template_app_roles = True
    app = directory.instantiate(NON_GALLERY_TEMPLATE, "Eptura")["servicePrincipal"]["id"]
    adele, group = add(people, "adele"), people.add_group(displayName="g")["id"]

    made = people.assign(app, group)
    assert (made["principalType"], made["appRoleId"]) == ("Group", USER_ROLE)
    with pytest.raises(ODataError, match="already exists"):
        people.assign(app, group, USER_ROLE)
    with pytest.raises(ODataError, match="not found on application"):
        people.assign(app, adele, DEFAULT_ROLE)
    directory.switches.default_access_beside_roles = "accepted"
    assert people.assign(app, adele, DEFAULT_ROLE)["appRoleId"] == DEFAULT_ROLE


# What changed


def test_changes_name_each_id_once_and_cost_what_changed(people: People, app: str) -> None:
    adele, beth = add(people, "adele"), add(people, "beth")
    group = people.add_group(displayName="g", groupTypes=["Unified"])["id"]
    ids, number = people.changes_since(0)
    assert ids == [adele, beth, group]
    assert people.changes_since(number) == ([], number)

    people.update_user(beth, {"jobTitle": "x"})
    people.add_member(group, adele)
    people.update_user(beth, {"jobTitle": "y"})
    assert people.changes_since(number).ids == [group, beth]
    ids, number = people.changes_since(number)
    made = people.assign(app, adele)
    assert people.changes_since(number).ids == [adele]
    people.unassign(app, made["id"])
    people.delete_user(adele)
    assert people.changes_since(number).ids == [group, adele], "the group has a member less"
    people.restore(adele)
    assert people.changes_since(number).ids == [group, adele]


# Many


def test_the_same_seed_gives_the_same_people(people: People, directory: ApplicationRegistry, clock: FixedClock) -> None:
    people.generate(300, seed=7)
    again = People(directory, MemoryStore(), clock)
    again.generate(300, seed=7)
    assert everything(again) == everything(people)
    other = People(directory, MemoryStore(), clock)
    other.generate(300, seed=8)
    assert other.users() != people.users()

    people.generate(200, seed=7)
    assert len({user["userPrincipalName"] for user in people.users()}) == 500


def test_generated_people_are_accepted_by_graph_and_untidy(people: People, clock: FixedClock) -> None:
    people.generate(1000)
    users, groups = people.users(), people.groups()
    for user in users:
        new_user(user, clock.now)
    for group in groups:
        new_group(group, clock.now)
    assert {user["userType"] for user in users} == {"Member", "Guest"}
    assert any(not user["accountEnabled"] for user in users)
    assert any(user["mail"] is None for user in users)
    assert any(not str(user["displayName"]).isascii() for user in users)
    phones = [phone for user in users for phone in user["businessPhones"]]
    for kind in ("+", "(", "tel:", "00", " "):
        assert any(phone.startswith(kind) for phone in phones)
    names = [group["displayName"] for group in groups]
    assert len(names) - len(set(names)) == 1
    assert any(len(people.members(group["id"])) > 900 for group in groups)
    people.generate(0)
    assert len(people.users()) == 1000


def test_a_directory_is_filled_up_to_a_number(people: People) -> None:
    add(people, "adele")
    for count in (10, 10, 5):
        people.fill(count)
        assert len(people.users()) == 10


def test_an_export_is_loaded_with_members(people: People, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    user: dict[str, Any] = {
        "id": NOBODY,
        "userPrincipalName": "a@contoso.example",
        "mail": "a@b",
        "signInActivity": {},
        "mailNickname": None,
    }
    group = {"@odata.type": "#microsoft.graph.group", "id": "g", "displayName": "All", "members": [{"id": NOBODY}]}
    file.write_text("\ufeff" + json.dumps(group) + "\n\n" + json.dumps(user) + "\n")
    people.load(file)
    people.load(file)

    assert [found["id"] for found in people.users()] == [NOBODY]
    assert people.user(NOBODY)["mail"] == "a@b"
    assert [member["id"] for member in people.members("g")] == [NOBODY]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "line 2: "),
        ("[]", "line 2: not a JSON object"),
        ('{"displayName": 5}', "line 2: Invalid value specified for property 'displayName' of resource 'Group'"),
        ('{"displayName": "g", "members": [{}]}', "line 2: a member has no id"),
        ('{"displayName": "g", "members": ["x"]}', "x, a member of the group .*, is not in it"),
        ('{"userPrincipalName": "A@x"}', "two users have the userPrincipalName A@x"),
    ],
)
def test_a_wrong_export_is_named_by_line_and_adds_nothing(people: People, tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "export.ndjson"
    file.write_text('{"userPrincipalName": "a@x"}\n' + text + "\n")
    with pytest.raises(ImportFailedError, match=why):
        people.load(file)
    assert people.users() == []
    with pytest.raises(ImportFailedError, match="cannot be read: No such file"):
        people.load(tmp_path / "none")
    file.write_bytes(b'{"userPrincipalName": "a@x", "displayName": "J\xf6rg"}\n')
    with pytest.raises(ImportFailedError, match=f"{file} is not UTF-8 text"):
        people.load(file)
    assert people.users() == []


# What survives


def test_a_journal_of_many_changes_is_rewritten_without_loss(tmp_path: Path, clock: FixedClock) -> None:
    store = FolderStore(tmp_path)
    directory = ApplicationRegistry(Tenant(), store, clock, Switches())
    people = People(directory, store, clock)
    people.generate(20)
    gone = people.users()[5]["id"]
    people.delete_user(gone)
    people.purge(gone)
    people.delete_user(people.users()[7]["id"])
    for number in range(2000):
        people.update_user(people.users()[number % 10]["id"], {"jobTitle": str(number)})
    before = everything(people)
    size = (tmp_path / "people.jsonl").stat().st_size

    for _ in range(2):
        people = People(directory, store, clock)
        assert everything(people) == before
        assert (tmp_path / "people.jsonl").stat().st_size < size / 10
    store.close()


def test_a_line_that_a_crash_cut_off_is_dropped(tmp_path: Path, clock: FixedClock) -> None:
    store = FolderStore(tmp_path)
    directory = ApplicationRegistry(Tenant(), store, clock, Switches())
    People(directory, store, clock).generate(3)
    journal = tmp_path / "people.jsonl"
    whole = journal.read_bytes()
    for cut in (b'{"n":99,"put":"us', b'{"n":99}'):
        journal.write_bytes(whole + cut)
        people = People(directory, store, clock)
        assert len(people.users()) == 3
        assert journal.read_bytes() == whole
    add(people, "later")
    assert len(People(directory, store, clock).users()) == 4
    store.close()


def test_what_cannot_be_kept_has_not_happened(tmp_path: Path, clock: FixedClock) -> None:
    store = FolderStore(tmp_path)
    people = People(ApplicationRegistry(Tenant(), store, clock, Switches()), store, clock)
    add(people, "adele")
    journal = tmp_path / "people.jsonl"
    journal.unlink()
    journal.mkdir()
    with pytest.raises(StateError, match=str(journal)):
        add(people, "beth")
    assert [user["displayName"] for user in people.users()] == ["adele"]
    store.close()


def test_on_a_full_disk_all_of_a_write_is_kept_or_nothing(tmp_path: Path, clock: FixedClock) -> None:
    store = FolderStore(tmp_path)
    people = People(ApplicationRegistry(Tenant(), store, clock, Switches()), store, clock)
    add(people, "adele")
    journal = tmp_path / "people.jsonl"
    before = journal.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, hard))
    try:
        with pytest.raises(StateError, match=f"{journal} cannot be written: File too large"):
            people.generate(1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert journal.read_bytes() == before
    assert [user["displayName"] for user in people.users()] == ["adele"]
    add(people, "beth")
    assert len(People(ApplicationRegistry(Tenant(), store, clock, Switches()), store, clock).users()) == 2
    store.close()


_IDS = st.sampled_from(["u1", "u2", "u3", "g1", "g2"])
_ACTIONS = st.lists(
    st.tuples(st.sampled_from(["add", "update", "delete", "restore", "purge", "join", "leave", "assign"]), _IDS, _IDS),
    max_size=30,
)


@given(_ACTIONS)
@examples(25)
def test_a_snapshot_builds_up_the_same_state(actions: list[tuple[str, str, str]]) -> None:
    directory = ApplicationRegistry(Tenant(), MemoryStore(), FixedClock(), Switches(template_app_roles=False))
    app = directory.instantiate(NON_GALLERY_TEMPLATE, "Eptura")["servicePrincipal"]["id"]
    people = People(directory, MemoryStore(), FixedClock())
    for action, one, other in actions:
        try:
            _do(people, action, one, other, app)
        except ODataError:
            continue
    rebuilt = PeopleState()
    for event in people._state.snapshot():
        rebuilt.apply(json.loads(json.dumps(event)))
    rebuilt.settle()
    assert list(rebuilt.snapshot()) == list(people._state.snapshot())
    for number in range(people._state.number + 1):
        assert rebuilt.changes_since(number)[1] == people._state.number
        assert set(rebuilt.changes_since(number).ids) == set(people._state.changes_since(number).ids)
    assert rebuilt.names == people._state.names
    for identifier in rebuilt.kinds:
        assert sorted(rebuilt.groups_of(identifier)) == sorted(people._state.groups_of(identifier))


def _do(people: People, action: str, one: str, other: str, app: str) -> None:
    is_user = one.startswith("u")
    match action:
        case "add" if is_user:
            people.add_user(id=one, userPrincipalName=f"{one}@contoso.example")
        case "add":
            people.add_group(id=one, displayName=one, groupTypes=["Unified"] if one == "g1" else [])
        case "update":
            people.update_user(one, {"jobTitle": other})
        case "delete":
            (people.delete_user if is_user else people.delete_group)(one)
        case "restore":
            people.restore(one)
        case "purge":
            people.purge(one)
        case "join":
            people.add_member(one, other)
        case "leave":
            people.remove_member(one, other)
        case "assign":
            people.assign(app, one)


def test_a_journal_without_a_file_keeps_nothing() -> None:
    journal = Journal()
    journal.append([{"n": 1}])
    journal.rewrite([{"n": 1}])
    assert journal.replay(lambda _: pytest.fail("nothing was kept")) == 0
