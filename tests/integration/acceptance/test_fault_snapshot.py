"""Two ends of a run are compared by what they mean, and differ where anything is doubled, lost or left over."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.snapshot import applications, copies, cut, differences, locks, snapshot
from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE


class Ends:
    """Makes the same application, and a stack that holds it, in one folder after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def after(self, edit: Callable[[LocalEntra], object] = lambda _: None, **stack: Any) -> str:
        folder = self._folder / str(uuid.uuid4())
        with LocalEntra.start(state_dir=folder / "entra") as entra:
            principal = entra.portal.create_application("Eptura")
            entra.portal.create_job()
            entra.portal.set_scope("all")
            edit(entra)
        resource = {"urn": "urn:x", "type": "eptura-scim:index:SynchronizationSecrets", "id": principal, "inputs": {}}
        latest = {"resources": [{**resource, "created": str(uuid.uuid4()), **stack}]}
        stacks = folder / "home" / "state" / ".pulumi" / "stacks" / "eptura"
        stacks.mkdir(parents=True)
        (stacks / "dev.json").write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))
        return snapshot(folder / "entra", folder / "home")


def assign_somebody(entra: LocalEntra) -> None:
    entra.portal.people.add_user("adele@contoso.example", displayName="Adele")
    entra.portal.people.assign("adele@contoso.example")


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path)


def test_ids_and_times_make_no_difference(ends: Ends) -> None:
    assert differences(ends.after(), ends.after()) == []


def test_an_empty_value_makes_no_difference(ends: Ends) -> None:
    assert differences(ends.after(), ends.after(lambda entra: entra.portal.set_notes(""))) == []
    assert differences(ends.after(), ends.after(lambda entra: entra.portal.set_notes("by hand"))) != []


def test_the_order_of_mappings_makes_no_difference(ends: Ends) -> None:
    def turned(schema: Any) -> None:
        for mapping in schema["synchronizationRules"][0]["objectMappings"]:
            mapping["attributeMappings"].reverse()

    as_made = ends.after(lambda entra: entra.portal.edit_schema(lambda _: None))
    assert differences(as_made, ends.after(lambda entra: entra.portal.edit_schema(turned))) == []


def test_a_new_job_needs_no_restart(tmp_path: Path) -> None:
    with LocalEntra.start(state_dir=tmp_path / "entra") as entra:
        entra.portal.create_application("Eptura")
        entra.portal.create_job()
        (old,) = (job["id"] for job in applications(tmp_path / "entra")[0]["jobs"])
        entra.portal.restart()
        restarted = snapshot(tmp_path / "entra", tmp_path, frozenset({old}))
        entra.portal.delete_job()
        entra.portal.create_job()
        anew = snapshot(tmp_path / "entra", tmp_path, frozenset({old}), restarted=True)
        assert differences(restarted, anew) == []
        assert differences(restarted, snapshot(tmp_path / "entra", tmp_path))


@pytest.mark.parametrize(
    "edit",
    [
        lambda entra: entra.portal.create_job(),
        lambda entra: entra.portal.delete_job(),
        lambda entra: entra.portal.create_application("Eptura"),
        lambda entra: entra.portal.set_scope("assigned"),
        lambda entra: entra.portal.rename("other"),
        lambda entra: entra.portal.restart(),
        lambda entra: entra.portal.set_user_source("userName", "[mail]"),
        assign_somebody,
    ],
    ids=["second job", "no job", "second application", "setting", "name", "restart", "mapping", "assignment"],
)
def test_doubled_lost_and_changed_objects_make_a_difference(ends: Ends, edit: Callable[[LocalEntra], object]) -> None:
    assert differences(ends.after(), ends.after(edit))


@pytest.mark.parametrize("stack", [{"id": NON_GALLERY_TEMPLATE}, {"inputs": {"scope": "all"}}], ids=["id", "input"])
def test_other_objects_or_inputs_in_the_state_make_a_difference(ends: Ends, stack: dict[str, Any]) -> None:
    assert differences(ends.after(), ends.after(**stack))


@pytest.mark.parametrize("length", [0, 20])
def test_a_state_that_was_left_cut_is_found(ends: Ends, tmp_path: Path, length: int) -> None:
    ends.after()
    (home,) = tmp_path.glob("*/home")
    assert cut(home) is None
    (stack,) = home.rglob("dev.json")
    stack.write_text(stack.read_text()[:length])
    assert cut(home) == stack
    assert json.loads(snapshot(home.with_name("entra"), home))["stack"] == {"pending": [], "resources": []}


def test_the_latest_whole_copy_of_a_state_comes_first(tmp_path: Path) -> None:
    state = tmp_path / ".pulumi" / "stacks" / "eptura" / "dev.json"
    history = tmp_path / ".pulumi" / "history" / "eptura" / "dev"
    for folder in (state.parent, history):
        folder.mkdir(parents=True)
    for number, text in enumerate(("{}", "{}", "{")):
        (history / f"dev-{number}.checkpoint.json").write_text(text)
        (history / f"dev-{number}.history.json").write_text("{}")
    backup = state.with_suffix(".json.bak")
    assert [copy.name for copy in copies(state)] == ["dev-1.checkpoint.json", "dev-0.checkpoint.json"]
    backup.write_text("{}")
    assert copies(state)[0] == backup


def test_a_lock_is_found(tmp_path: Path) -> None:
    assert locks(tmp_path) == []
    folder = tmp_path / "state" / ".pulumi" / "locks" / "organization" / "eptura"
    folder.mkdir(parents=True)
    (folder / "some.json").touch()
    assert [lock.name for lock in locks(tmp_path)] == ["some.json"]
