"""Every edit in the portal reads as exactly its own difference, and an update repairs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eptura_scim.local_entra import Portal
from eptura_scim.mapping import Mappings
from eptura_scim.plugin_sdk.difference import differences, render
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.validation import dump
from tests.integration.provider.conftest import DOCUMENTED, URN, ProviderFixture

WORK_MAIL = 'emails[type eq "work"].value'
WORK_MAIL_PATH = r'users["emails[type eq \"work\"].value"]'

Edit = Callable[[Portal], object]


def remove_the_groups(schema: dict[str, Any]) -> None:
    for rule in schema["synchronizationRules"]:
        rule["objectMappings"] = [one for one in rule["objectMappings"] if one["sourceObjectName"] != "Group"]


def filter_the_input(schema: dict[str, Any]) -> None:
    clause = {"operatorName": "IS NULL", "sourceOperandName": "city", "targetOperand": {"values": []}}
    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        if mapping["sourceObjectName"] == "User":
            mapping["scope"] = {"groups": [], "inputFilterGroups": [{"name": "x", "clauses": [clause]}]}


def undefine_a_target(schema: dict[str, Any]) -> None:
    remove_the_groups(schema)
    for directory in schema["directories"]:
        directory["objects"] = [one for one in directory["objects"] if not one["name"].endswith("core:2.0:Group")]


NO_GROUPS = [
    *(f"groupActions.{action}" for action in ("create", "delete", "update")),
    *(f"groups.{target}" for target in ("displayName", "externalId", "members")),
    "provisionGroups",
]

MAPPINGS: dict[str, tuple[Edit, list[str]]] = {
    "adds a mapping": (lambda p: p.add_user_mapping("title", "[jobTitle]"), ["users.title"]),
    "adds a matching mapping": (lambda p: p.add_user_mapping("title", "[mail]", precedence=2), ["users.title"]),
    "removes a mapping": (lambda p: p.remove_user_mapping(WORK_MAIL), [WORK_MAIL_PATH]),
    "takes another attribute": (lambda p: p.set_user_source(WORK_MAIL, "[mailNickname]"), [f"{WORK_MAIL_PATH}.source"]),
    "takes a constant": (lambda p: p.set_user_source("externalId", '"x"'), ["users.externalId.source"]),
    "takes an expression": (
        lambda p: p.set_user_source("externalId", "ToLower([objectId], )"),
        ["users.externalId.source"],
    ),
    "changes an expression": (
        lambda p: p.set_user_source("active", 'Switch([IsSoftDeleted], , "False", "True")'),
        ["users.active.source"],
    ),
    "sets a default": (lambda p: p.set_default("userName", "nobody"), ["users.userName.defaultValue"]),
    "applies at creation only": (lambda p: p.set_apply("externalId", "ObjectAddOnly"), ["users.externalId.apply"]),
    "flows always": (lambda p: p.set_flow_behavior("active", "FlowAlways"), ["users.active.flowBehavior"]),
    "matches by another": (
        lambda p: p.set_matching_precedence("externalId", 2),
        ["users.externalId.matchingPrecedence"],
    ),
    "matches no longer": (lambda p: p.set_matching_precedence("userName", 0), ["users.userName.matchingPrecedence"]),
    "removes a group mapping": (lambda p: p.remove_group_mapping("members"), ["groups.members"]),
    "takes another for groups": (lambda p: p.set_group_source("externalId", "[mail]"), ["groups.externalId.source"]),
    "group default": (
        lambda p: p.set_default("displayName", "x", kind="Group"),
        ["groups.displayName.defaultValue"],
    ),
    "swaps group matching": (
        lambda p: p.swap_group_matching(),
        ["groups.displayName.matchingPrecedence", "groups.externalId.matchingPrecedence"],
    ),
    "disables groups": (lambda p: p.disable_groups(), ["provisionGroups"]),
    "removes the mapping of groups": (lambda p: p.edit_schema(remove_the_groups), NO_GROUPS),
    "removes the groups from the target": (lambda p: p.edit_schema(undefine_a_target), NO_GROUPS),
    "filters the input": (lambda p: p.edit_schema(filter_the_input), ["userFilter"]),
    "filters users": (lambda p: p.set_scoping_filter('department EQUALS "sales"'), ["userFilter"]),
    "filters groups": (lambda p: p.set_scoping_filter("displayName IS NOT NULL", kind="Group"), ["groupFilter"]),
    "updates no users": (lambda p: p.set_object_actions("Add,Delete"), ["userActions.update"]),
    "deletes no groups": (lambda p: p.set_object_actions("Add, Update", kind="Group"), ["groupActions.delete"]),
}

SECRETS: dict[str, tuple[Edit, list[str]]] = {
    "narrows the scope": (lambda p: p.set_scope("assigned"), ["scope"]),
    "sets an e-mail": (lambda p: p.set_notification_email("x@example.com"), ["notificationEmail"]),
    "sets a threshold": (lambda p: p.set_deletion_threshold(9), ["accidentalDeletionThreshold"]),
    "keeps leavers": (lambda p: p.skip_out_of_scope_deletions(), ["skipOutOfScopeDeletions"]),
    "sends users elsewhere": (lambda p: p.set_tenant_url("https://localhost:1/scim/v1/"), ["tenantUrl"]),
    "overwrites the token": (lambda p: p.set_secret_token("revoked"), ["secretTokenFingerprint"]),
    "removes the token": (lambda p: p.set_secret_token(""), ["secretTokenFingerprint"]),
}

NOT_DRIFT: dict[str, Edit] = {
    "reformats the JSON": lambda p: p.reformat(),
    "adds a custom attribute": lambda p: p.add_custom_attribute("urn:own:User:floor"),
    "changes the blanks of an expression": lambda p: p.set_user_source(
        "active", 'Switch( [IsSoftDeleted] ,, "False","True", "True","False")'
    ),
    "clears a default": lambda p: p.set_default("userName", ""),
}


async def schema_differences(provider: ProviderFixture, declared: Mappings = DOCUMENTED) -> list[str]:
    read = await provider.schema.read(provider.id, {})
    assert read is not None
    wanted = dump(provider.schema_inputs(declared))
    return sorted(render(path) for path, _ in differences(dump(read[0]), wanted, provider.schema.equivalent))


@pytest.mark.parametrize("what", MAPPINGS)
async def test_an_edit_of_the_mappings_is_named_alone_and_repaired(
    default_provider: ProviderFixture, what: str
) -> None:
    provider, (edit, named) = default_provider, MAPPINGS[what]
    await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    edit(provider.portal)
    assert await schema_differences(provider) == named
    await provider.schema.update("", provider.id, {}, provider.schema_inputs(DOCUMENTED))
    assert await schema_differences(provider) == []


@pytest.mark.parametrize("what", NOT_DRIFT)
async def test_edits_that_are_not_drift_show_nothing(default_provider: ProviderFixture, what: str) -> None:
    await default_provider.schema.create("", default_provider.schema_inputs(DOCUMENTED))
    NOT_DRIFT[what](default_provider.portal)
    assert await schema_differences(default_provider) == []


@pytest.mark.parametrize(
    ("source", "differing"),
    [("ToLower([objectId])", []), ('ToLower([objectId], "tr-TR")', ["users.externalId.source"])],
)
async def test_an_omitted_argument_at_the_end_is_not_drift(
    default_provider: ProviderFixture, source: str, differing: list[str]
) -> None:
    external_id = DOCUMENTED.users["externalId"].model_copy(update={"source": "ToLower([objectId], )"})
    declared = DOCUMENTED.model_copy(update={"users": {**DOCUMENTED.users, "externalId": external_id}})
    await default_provider.schema.create("", default_provider.schema_inputs(declared))
    default_provider.portal.set_user_source("externalId", source)
    assert await schema_differences(default_provider, declared) == differing


@pytest.mark.parametrize("what", SECRETS)
async def test_an_edit_of_the_connection_is_named_alone_and_repaired(
    default_provider: ProviderFixture, what: str
) -> None:
    provider, (edit, named) = default_provider, SECRETS[what]
    wanted = provider.secrets_inputs()

    async def found() -> list[str]:
        read = await provider.secrets.read(provider.id, dump(wanted))
        assert read is not None
        return sorted(render(path) for path, _ in differences(dump(read[0]), dump(wanted), provider.secrets.equivalent))

    await provider.secrets.create(URN, wanted)
    edit(provider.portal)
    assert await found() == named
    await provider.secrets.update(URN, provider.id, {}, wanted)
    assert await found() == []


async def test_an_unknown_attribute_of_a_filter_is_never_written(
    default_provider: ProviderFixture,
) -> None:
    provider = default_provider
    await provider.schema.create("", provider.schema_inputs(DOCUMENTED))
    wanted = provider.schema_inputs(DOCUMENTED.model_copy(update={"user_filter": 'departmnet EQUALS "sales"'}))
    old = dump(provider.schema_inputs(DOCUMENTED))
    problem = ("userFilter", "Entra's User has no attribute departmnet, did you mean department?")
    assert await provider.schema.problems("", old, dump(wanted)) == [problem]
    provider.entra.calls.clear()
    with pytest.raises(ResourceError, match=r"has no attribute departmnet.* the mappings were not written"):
        await provider.schema.update("", provider.id, old, wanted)
    assert provider.entra.calls.writes() == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"scope": "all"}, {"scope": "assigned"}, "users and groups that are not assigned will be disabled"),
        ({"scope": "assigned"}, {"scope": "all"}, "all users and groups of the directory that pass the filters"),
        ({}, {"tenantUrl": "https://localhost:1/scim/v1/"}, "Entra forgets its links"),
    ],
)
async def test_a_preview_says_who_is_concerned(
    default_provider: ProviderFixture, before: dict[str, str], after: dict[str, str], said: str
) -> None:
    old, new = (dump(default_provider.secrets_inputs(**changes)) for changes in (before, after))
    warning, cost = await default_provider.secrets.change_warnings(old, new, [(name,) for name in after])
    assert said in warning
    assert "provisioning is paused" in cost
