"""When a declared job is the one in the state, which may be azuread's."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.synchronization_job import SynchronizationJob, SynchronizationJobInputs

OBJECT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
OTHER = "1f0e0d0c-0b0a-4908-8706-050403020100"


def differing(state: dict[str, Any], declared: dict[str, Any]) -> list[Any]:
    job = {"servicePrincipalId": OBJECT_ID, "templateId": "scim"}
    return [
        path
        for path, _ in SynchronizationJob(changes=PausedChanges()).differences({**job, **state}, {**job, **declared})
    ]


@pytest.mark.parametrize("written", [OBJECT_ID, f"/servicePrincipals/{OBJECT_ID}", OBJECT_ID.upper()])
def test_the_service_principal_is_the_same_for_each_form_of_id(written: str) -> None:
    assert differing({"servicePrincipalId": written}, {}) == []
    assert differing({}, {"servicePrincipalId": written}) == []


def test_another_service_principal_has_another_job() -> None:
    assert differing({"servicePrincipalId": f"/servicePrincipals/{OTHER}"}, {}) == [("servicePrincipalId",)]


@pytest.mark.parametrize("template", ["SCIM", "gallery/scim"])
def test_names_of_templates_are_compared_exactly(template: str) -> None:
    assert differing({}, {"templateId": template}) == [("templateId",)]


def _configuration(**changes: str) -> dict[str, Any]:
    first = {"secrets": "a", "mappings": "a", "assignments": "a", "provisioningStatus": "On"}
    return {"configuration": {**first, **changes}}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, False),
        ({"secrets": "b"}, False),
        ({"mappings": "b"}, False),
        ({"assignments": "b"}, False),
        ({"secrets": "b", "mappings": "b"}, True),
        ({"mappings": "b", "assignments": "b"}, True),
        ({"provisioningStatus": "Off"}, True),
    ],
)
def test_a_configuration_counts_for_several_writes_or_when_off(changes: dict[str, str], counts: bool) -> None:
    found = {path[0] for path in differing(_configuration(), _configuration(**changes))}
    assert found == ({"configuration"} if counts else set())


def test_a_change_that_counts_is_named_by_its_groups_alone() -> None:
    found = differing(_configuration(), _configuration(secrets="b", mappings="b"))
    assert sorted(found) == [("configuration", "mappings"), ("configuration", "secrets")]


def test_switching_provisioning_on_is_not_a_change_of_the_job() -> None:
    assert differing(_configuration(provisioningStatus="Off"), _configuration()) == []


def test_what_an_earlier_version_did_not_record_is_not_a_change() -> None:
    assert differing({}, _configuration()) == []
    assert differing(_configuration(), {}) == []


def test_values_missing_in_the_last_whole_run_count() -> None:
    job = SynchronizationJob(changes=PausedChanges())
    job.changes.of(OBJECT_ID).completed = _configuration()["configuration"]
    state = {"servicePrincipalId": OBJECT_ID, **_configuration(mappings="b", assignments="b")}
    assert job.differences(state, state) == [(("configuration",), "update")]


@pytest.mark.parametrize("text", ["", "/", ".", "..", "/servicePrincipals/..", "/servicePrincipals/../"])
def test_a_text_without_an_object_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is not an id; give an object id"):
        SynchronizationJobInputs.model_validate({"servicePrincipalId": text})
