"""Live state said in settings: only what they can say, and nothing that is the default."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.adoption.candidate import AdoptionCandidate
from eptura_scim.adoption.configuration import settings_for, settings_of
from eptura_scim.adoption.live import Live, LiveProvisioning
from eptura_scim.documented import GROUPS, PHONES
from eptura_scim.graph.applications import Application, Assignment, ServicePrincipal
from eptura_scim.mapping import AttributeMapping, ObjectActions
from eptura_scim.provider.job_state import JobStateInputs
from eptura_scim.provider.schema import SchemaInputs
from eptura_scim.provider.secrets import SecretsInputs
from eptura_scim.settings import Settings

URL = "https://scim.example.com/scim/v1/"
WHERE: dict[str, Any] = {"service_principal_id": "sp-1", "job_id": "scim.a.b"}
WORK = PHONES["work"].target


def live(settings: Settings | None = None, *, assignments: tuple[Assignment, ...] = (), **secrets: Any) -> Live:
    """What `pulumi up` makes of these settings, with other secrets."""
    settings = settings or settings_for({"tenantUrl": URL})
    values: dict[str, Any] = {
        "tenant_url": settings.tenant_url,
        "scope": settings.scope,
        "notification_email": settings.notification_email,
        "accidental_deletion_threshold": settings.accidental_deletion_threshold,
        "skip_out_of_scope_deletions": settings.skip_out_of_scope_deletions,
        **secrets,
    }
    application = {"id": "app-1", "appId": "client", "displayName": settings.application_name}
    return Live(
        AdoptionCandidate(
            Application.model_validate(application),
            ServicePrincipal.model_validate({"id": "sp-1", "appId": "client"}),
            None,
        ),
        LiveProvisioning(
            SecretsInputs.model_construct(**WHERE, **values),
            SchemaInputs.model_construct(**WHERE, **dict(settings.mappings)),
            JobStateInputs.model_validate({**WHERE, "provisioning_status": "On" if settings.provisioning else "Off"}),
        ),
        assignments,
    )


def with_mappings(**changes: Any) -> dict[str, str]:
    """The settings of an application that is as documented but for these mappings."""
    found = live()
    assert found.provisioning is not None
    schema = found.provisioning.schema.model_copy(update=changes)
    return settings_of(replace(found, provisioning=replace(found.provisioning, schema=schema)))


def test_the_documented_configuration_needs_the_tenant_url_alone() -> None:
    assert settings_of(live()) == {"tenantUrl": URL}


CHOICES = {
    "applicationName": st.sampled_from(["EpturaScimApplication", "Other"]),
    "phoneWork": st.sampled_from(["off", "direct", "e164", "rfc3966"]),
    "phoneMobile": st.sampled_from(["off", "direct", "e164", "rfc3966"]),
    "groupMatching": st.sampled_from(["externalIdThenDisplayName", "externalIdOnly"]),
    "scope": st.sampled_from(["all", "assigned"]),
    "userFilter": st.sampled_from(["", 'department EQUALS "sales"', "jobTitle IS NOT NULL"]),
    "groupFilter": st.sampled_from(["", 'displayName REGEX MATCH "^E"']),
    "userActions": st.sampled_from(["create,update,delete", "create,update", "delete"]),
    "groupActions": st.sampled_from(["create,update,delete", "update"]),
    "skipOutOfScopeDeletions": st.sampled_from(["on", "off"]),
    "provisioning": st.sampled_from(["on", "off"]),
    "notificationEmail": st.sampled_from(["", "ops@example.com"]),
    "accidentalDeletionThreshold": st.sampled_from(["off", "1", "500"]),
}


@given(st.fixed_dictionaries(CHOICES))
def test_settings_survive_the_way_through_entra_and_back(chosen: dict[str, str]) -> None:
    wanted = settings_for({"tenantUrl": URL, **chosen})
    said = settings_of(live(wanted))
    assert settings_for(said) == wanted
    assert all(settings_for({name: text}) != settings_for({}) for name, text in said.items()), "no default is set"


@pytest.mark.parametrize(
    "mapping",
    [
        AttributeMapping(source="[telephoneNumber]", default_value="0"),
        AttributeMapping(source="[telephoneNumber]", apply="ObjectAddOnly"),
        AttributeMapping(source="[facsimileTelephoneNumber]"),
        AttributeMapping(source='Replace([telephoneNumber], , " ", , "", , )'),
    ],
    ids=["default", "apply", "source", "expression"],
)
def test_a_phone_mapping_without_a_mode_shows_as_a_difference(mapping: AttributeMapping) -> None:
    assert with_mappings(users={**settings_for({}).mappings.users, WORK: mapping}) == {"tenantUrl": URL}


def test_the_same_expression_in_other_words_is_the_mode() -> None:
    wanted = settings_for({"phoneWork": "e164"}).mappings.users
    spaced = AttributeMapping.model_construct(source=str(wanted[WORK].source).replace(", ", " ,"))
    assert with_mappings(users={**wanted, WORK: spaced})["phoneWork"] == "e164"


def test_group_matching_without_a_choice_shows_as_a_difference() -> None:
    assert "displayName" in {row.target for row in GROUPS}
    groups = settings_for({}).mappings.groups
    third = groups["displayName"].model_copy(update={"matching_precedence": 3})
    assert with_mappings(groups={**groups, "displayName": third}) == {"tenantUrl": URL}


def test_no_action_at_all_cannot_be_said() -> None:
    none = ObjectActions(create=False, update=False, delete=False)
    assert with_mappings(user_actions=none) == {"tenantUrl": URL}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://scim.example.com/scim/v1", URL),
        (f"{URL}?aadOptscim062020", URL),
        ("https://scim.example.com/api/", None),
        ("", None),
    ],
)
def test_a_tenant_url_is_set_in_the_guides_form_or_not_at_all(address: str, said: str | None) -> None:
    assert settings_of(live(tenant_url=address)).get("tenantUrl") == said


def test_several_recipients_and_an_unset_scope_are_differences() -> None:
    assert settings_of(live(notification_email="a@example.com;b@example.com", scope="unset")) == {"tenantUrl": URL}


def test_who_is_assigned_becomes_a_setting() -> None:
    someone = "11111111-1111-1111-1111-111111111111"
    team = "22222222-2222-2222-2222-222222222222"
    assigned = (
        Assignment.model_validate({"id": "x", "principalId": someone, "principalType": "User"}),
        Assignment.model_validate({"id": "y", "principalId": team, "principalType": "Group"}),
    )
    said = settings_of(live(assignments=assigned, scope="assigned"))
    assert said == {"tenantUrl": URL, "scope": "assigned", "assignedUsers": someone, "assignedGroups": team}
