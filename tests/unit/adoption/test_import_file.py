"""The import file: every resource below the component, and never another application's."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eptura_scim.adoption.candidate import AdoptionCandidate
from eptura_scim.adoption.errors import OtherApplicationError
from eptura_scim.adoption.import_file import Entry, document, entries, missing
from eptura_scim.adoption.live import Live
from eptura_scim.documented import NON_GALLERY_TEMPLATES
from eptura_scim.graph.applications import Application, Assignment, ServicePrincipal
from eptura_scim.graph.synchronization import Job
from eptura_scim.types import COMPONENT

PREFIX = "urn:pulumi:prod::eptura::"
DOCS = Path(__file__).parents[3] / "docs" / "import.md"


def found() -> list[Entry]:
    """The entries of an application with a job and two assigned principals, one of whom settings name."""
    application = Application.model_validate({"id": "APPLICATION", "appId": "CLIENT"})
    principal = ServicePrincipal.model_validate({"id": "SP", "appId": "CLIENT"})
    assigned = tuple(
        Assignment.model_validate({"id": f"ID{end}", "principalId": f"PRINCIPAL{end}", "principalType": "User"})
        for end in ("", "-OF-OTHERS")
    )
    live = Live(AdoptionCandidate(application, principal, Job.model_validate({"id": "JOB"})), None, assigned)
    return entries(live, NON_GALLERY_TEMPLATES["public"], ["PRINCIPAL"])


def present(wanted: list[Entry]) -> dict[str, str]:
    return {PREFIX + entry.urn_end: entry.id for entry in wanted}


def test_the_file_is_the_documented_one() -> None:
    whole, assignment, _ = re.findall(r"```json\n(.*?)```", DOCS.read_text() + "```json\n```", re.DOTALL)
    expected = json.loads(whole)
    expected["resources"].append(json.loads(assignment))
    assert document(found(), PREFIX) == expected


def test_the_import_file_leaves_out_resources_of_the_state() -> None:
    wanted = found()
    assert missing(wanted, present(wanted), PREFIX) == []
    rest = missing(wanted, present(wanted[:3]), PREFIX)
    assert rest == wanted[3:]
    assert document(rest, PREFIX)["nameTable"] == {"eptura": f"{PREFIX}{COMPONENT}::eptura"}


def test_a_job_that_azuread_held_is_not_imported_a_second_time() -> None:
    wanted = found()
    former = {
        urn.replace(
            "eptura-scim:index:SynchronizationJob::", "azuread:index/synchronizationJob:SynchronizationJob::"
        ): known
        for urn, known in present(wanted).items()
    }
    assert former.keys() != present(wanted).keys()
    assert missing(wanted, former, PREFIX) == []


def test_the_case_of_an_id_does_not_matter() -> None:
    wanted = found()
    state = {urn: known.upper() for urn, known in present(wanted).items()}
    assert missing(wanted, state, PREFIX) == []


def test_an_application_with_a_new_principal_keeps_its_id() -> None:
    wanted = found()
    state = {
        urn: re.sub("/instantiate/(.*)/SP$", r"/instantiate/\1/DEAD", known) for urn, known in present(wanted).items()
    }
    assert state != present(wanted)
    assert missing(wanted, state, PREFIX) == []


def test_the_place_of_another_object_is_named_with_the_way_out() -> None:
    wanted = found()
    state = {**present(wanted), PREFIX + wanted[1].urn_end: "/applicationTemplates/T/instantiate/A/B"}
    with pytest.raises(OtherApplicationError) as caught:
        missing(wanted, state, PREFIX)
    assert str(caught.value).splitlines()[1:] == [
        f"  {PREFIX}{wanted[1].urn_end}: /applicationTemplates/T/instantiate/A/B"
    ]
    assert "pulumi state delete --force URN" in str(caught.value)
