"""The rules of the policy pack, without Pulumi."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eptura_scim import documented
from policy import rules
from policy.rules import RESOURCE_RULES, STACK_RULES, Resource

PAGE = Path(__file__).parents[3] / "docs" / "policy.md"


def wire() -> dict[str, Any]:
    """What the documented mappings are for a rule."""
    return documented.mappings(phone_work="rfc3966", phone_mobile="e164").model_dump(mode="json", by_alias=True)


def secrets(stack: str = "prod", **inputs: Any) -> Resource:
    given = {
        "tenantUrl": "https://acme.eptura.example-scim.com/scim/v1/",
        "scope": "all",
        "notificationEmail": "platform@acme.com",
        "accidentalDeletionThreshold": 50,
        "skipOutOfScopeDeletions": False,
        **inputs,
    }
    known = {name: value for name, value in given.items() if value is not ...}
    return Resource(rules.SECRETS, "eptura", stack, known, protected=True, urn="secrets")


def schema(stack: str = "prod", **kinds: Any) -> Resource:
    return Resource(rules.SCHEMA, "eptura", stack, {**wire(), **kinds}, protected=True, urn="schema")


def job_state(*dependencies: str, **inputs: Any) -> Resource:
    return Resource(
        rules.JOB_STATE, "eptura", "prod", {"provisioningStatus": "On", **inputs}, protected=True, urn="state",
        dependencies=frozenset(dependencies),
    )  # fmt: skip


def application(name: str, urn: str) -> Resource:
    return Resource(rules.APPLICATION, urn, "prod", {"displayName": name}, protected=True, urn=urn)


def broken(*resources: Resource) -> dict[str, list[str]]:
    """The messages of a stack's violations by the name of the rule."""
    found = [(rule.name, message) for rule in RESOURCE_RULES for one in resources for message in rule.check(one)]
    found += [(rule.name, message) for rule in STACK_RULES for _, message in rule.check(resources)]
    return {name: [message for of, message in found if of == name] for name, _ in found}


def test_the_documented_configuration_breaks_no_rule() -> None:
    assert broken(secrets(), schema(), job_state("secrets", "schema"), application("EpturaScimApplication", "a")) == {}


def test_targets_are_those_that_the_project_documents() -> None:
    mappings = wire()
    assert {kind: set(mappings[kind]) for kind in rules.TARGETS} == rules.TARGETS


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("http://acme.com/scim/v1/", 1),
        ("https://localhost:8443/scim/v1/", 1),
        ("https://127.0.0.1/scim/v1/", 1),
        ("https://your-eptura-scim-domain/scim/v1/", 1),
        ("http://scim.example.com/scim/v1/", 2),
        ("https://examples.acme.com/scim/v1/", 0),
        (..., 0),  # not known yet
    ],
)
def test_a_tenant_url_has_to_be_eptura_s_outside_dev(url: Any, count: int) -> None:
    assert len(broken(secrets(tenantUrl=url)).get("real-tenant-url", [])) == count
    assert broken(secrets("dev", tenantUrl=url)) == {}


def test_an_undocumented_target_is_named_with_its_kind() -> None:
    users = {**wire()["users"], "title": {"source": "[jobTitle]"}}
    assert broken(schema("dev", users=users)) == {
        "documented-targets": ["users maps title, which Eptura does not document"]
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (None, "users do not map externalId"),
        ({"source": "[mailNickname]"}, "users map externalId from [mailNickname]"),
        ({"source": "[objectId]", "matchingPrecedence": 2}, "users are matched by externalId"),
        ({"source": "[objectId]", "apply": "OnlyDuringObjectCreation"}, "applies OnlyDuringObjectCreation"),
    ],
)
def test_external_id_is_the_object_id(row: dict[str, Any] | None, said: str) -> None:
    users = {**wire()["users"], "externalId": row}
    [message] = broken(schema("dev", users={name: value for name, value in users.items() if value}))["external-id"]
    assert said in message


def test_groups_are_matched_by_id_first_or_not_provisioned() -> None:
    by_name = {"displayName": {"source": "[displayName]", "matchingPrecedence": 1}}
    assert list(broken(schema(groups=by_name))) == ["groups-by-id"]
    assert broken(schema(groups={})) == {}


def test_protection_is_asked_for_outside_dev() -> None:
    bare = replace(secrets(), protected=False)
    assert list(broken(bare)) == ["protected"]
    assert broken(replace(bare, stack="dev")) == {}


def test_advice_is_not_mandatory() -> None:
    careless = secrets(notificationEmail=None, accidentalDeletionThreshold=None, skipOutOfScopeDeletions=True)
    advice = {"deletion-threshold", "notification-email", "deletions-reach-eptura"}
    assert set(broken(careless)) == advice
    assert {rule.name for rule in RESOURCE_RULES if not rule.mandatory} == advice


@pytest.mark.parametrize(("dependencies", "count"), [((), 2), (("secrets",), 1), (("secrets", "schema"), 0)])
def test_the_start_depends_on_connection_and_mappings(dependencies: tuple[str, ...], count: int) -> None:
    found = broken(secrets(), schema(), job_state(*dependencies))
    assert len(found.get("start-is-last", [])) == count


def test_a_job_that_is_off_needs_no_order() -> None:
    assert broken(secrets(), schema(), job_state(provisioningStatus="Off")) == {}


def test_the_scope_assigned_needs_an_assignment() -> None:
    alone = secrets(scope="assigned")
    assert list(broken(alone)) == ["someone-is-assigned"]
    assert broken(alone, Resource(rules.ASSIGNMENT, "eptura-1", "prod", {})) == {}


def test_a_second_application_of_the_same_name_is_a_violation() -> None:
    assert broken(application("Eptura", "a"), application("Other", "b")) == {}
    [message] = broken(application("Eptura", "a"), application("Eptura", "b"))["one-application-of-a-name"]
    assert "named Eptura" in message


def test_the_page_lists_every_rule() -> None:
    listed = PAGE.read_text(encoding="utf-8")
    for rule in (*RESOURCE_RULES, *STACK_RULES):
        level = "mandatory" if rule.mandatory else "advice"
        assert f"| `{rule.name}` | {level} |" in listed
