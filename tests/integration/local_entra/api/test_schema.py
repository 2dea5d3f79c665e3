"""Synchronization schemas: the default one, PUT of the whole, what is refused, expressions and directories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.types import Json, copied
from tests.integration.local_entra.graph_client import App, GraphClient, error, mapping, row

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER_TARGETS = [
    "userName",
    "active",
    "displayName",
    "title",
    'emails[type eq "work"].value',
    "preferredLanguage",
    "name.givenName",
    "name.familyName",
    "name.formatted",
    *(f'addresses[type eq "work"].{part}' for part in ("formatted", "streetAddress", "locality", "region")),
    *(f'addresses[type eq "work"].{part}' for part in ("postalCode", "country")),
    *(f'phoneNumbers[type eq "{kind}"].value' for kind in ("work", "mobile", "fax")),
    "externalId",
    *(f"{ENTERPRISE}:{part}" for part in ("employeeNumber", "department", "manager")),
]


async def test_a_new_job_has_the_default_mappings(graph: GraphClient, app: App) -> None:
    schema = await graph.get(app.schema)

    [rule] = schema["synchronizationRules"]
    assert (rule["id"], rule["name"]) == ("03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8", "USERGROUP_OUTBOUND_USERGROUP")
    assert (rule["sourceDirectoryName"], rule["targetDirectoryName"]) == ("Microsoft Entra ID", "customappsso")
    users, groups = mapping(schema, "User"), mapping(schema, "Group")
    assert users["targetObjectName"] == ENTERPRISE
    assert [item["targetAttributeName"] for item in users["attributeMappings"]] == USER_TARGETS
    assert [item["targetAttributeName"] for item in groups["attributeMappings"]] == [
        "displayName",
        "externalId",
        "members",
    ]
    assert row(schema, "userName")["matchingPriority"] == 1
    assert row(schema, "externalId")["source"]["name"] == "mailNickname"
    assert row(schema, "displayName", "Group")["matchingPriority"] == 1
    assert users["enabled"] is True


async def test_functions_of_default_mappings_have_their_parsed_tree(graph: GraphClient, app: App) -> None:
    source = row(await graph.get(app.schema), "active")["source"]

    assert source["expression"] == 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
    assert (source["name"], source["type"]) == ("Switch", "Function")
    values = [parameter["value"]["name"] for parameter in source["parameters"]]
    assert values == ["IsSoftDeleted", "False", "True", "True", "False"]


@pytest.mark.parametrize("enabled", [True, False])
async def test_whether_groups_are_enabled_at_first_is_a_switch(
    enabled: bool, graph: GraphClient, entra: LocalEntra
) -> None:
    entra.switches.group_mapping_enabled = enabled
    app = await graph.new_app()
    entra.switches.group_mapping_enabled = not enabled

    assert mapping(await graph.get(app.schema), "Group")["enabled"] is enabled
    await graph.ask("DELETE", app.schema)
    assert mapping(await graph.get(app.schema), "Group")["enabled"] is enabled


async def test_a_put_keeps_everything_as_sent_but_the_version(graph: GraphClient, app: App) -> None:
    schema = await graph.get(app.schema)
    sent = copied(schema)
    sent["unknownPart"] = {"of": ["somebody", None, 1.5]}
    sent["synchronizationRules"][0]["objectMappings"].reverse()
    row(sent, "externalId")["source"] = None
    assert (await graph.ask("PUT", app.schema, sent)).status_code == 204

    came = await graph.get(app.schema)
    assert came["version"].startswith("Date:")
    assert list(came) == list(sent)
    assert {**came, "version": None} == {**sent, "version": None}
    again = await graph.ask("PUT", app.schema, came)
    assert again.status_code == 204
    assert (await graph.get(app.schema))["version"] != came["version"]


async def test_delete_brings_the_default_back(graph: GraphClient, app: App, entra: LocalEntra) -> None:
    before = await graph.get(app.schema)
    entra.portal.remove_user_mapping("title")
    assert (await graph.ask("DELETE", app.schema)).status_code == 204

    assert {**await graph.get(app.schema), "version": ""} == {**before, "version": ""}


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_patch_is_answered_as_the_real_service_does(version: str, graph: GraphClient, app: App) -> None:
    answer = await graph.ask("PATCH", app.schema, {}, version=version)

    assert answer.status_code == 404
    assert error(answer)["code"] == "UnknownError"
    assert "No HTTP resource was found that matches the request URI" in error(answer)["message"]
    assert f"/{version}/servicePrincipals/" in error(answer)["message"]


Break = Callable[[Json], object]


def rule(schema: Json) -> Json:
    found: Json = schema["synchronizationRules"][0]
    return found


def user_row(schema: Json) -> Json:
    found: Json = rule(schema)["objectMappings"][1]["attributeMappings"][0]
    return found


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda s: s.pop("directories"), "directories"),
        (lambda s: s.pop("synchronizationRules"), "synchronizationRules"),
        (lambda s: s.update(synchronizationRules=["x"]), "list of objects"),
        (lambda s: rule(s).update(objectMappings="x"), "list of objects"),
        (lambda s: rule(s)["objectMappings"][0].update(flowTypes="Add, Remove"), "flowTypes"),
        (lambda s: rule(s)["objectMappings"][0].update(enabled="yes"), "enabled"),
        (lambda s: rule(s)["objectMappings"][0].update(scope="department"), "scope"),
        (lambda s: rule(s)["objectMappings"][1].update(scope={"groups": "department"}), "groups"),
        (lambda s: rule(s)["objectMappings"][1].update(scope={"groups": [{"clauses": ["x"]}]}), "clauses"),
        (lambda s: rule(s)["objectMappings"][1].update(scope={"groups": [{"clauses": [{}]}]}), "clause"),
        (lambda s: user_row(s).update(flowType="Sometimes"), "flowType"),
        (lambda s: user_row(s).update(flowBehavior="Never"), "flowBehavior"),
        (lambda s: user_row(s).update(matchingPriority="1"), "matchingPriority"),
        (lambda s: user_row(s).update(matchingPriority=True), "matchingPriority"),
        (lambda s: user_row(s).pop("targetAttributeName"), "targetAttributeName"),
        (lambda s: user_row(s).update(source="[mail]"), "source"),
        (lambda s: user_row(s)["source"].update(type="Formula"), "Formula"),
    ],
)
async def test_an_unreadable_schema_is_refused_and_nothing_changes(
    spoil: Break, words: str, graph: GraphClient, app: App
) -> None:
    before = await graph.get(app.schema)
    sent = copied(before)
    spoil(sent)

    answer = await graph.ask("PUT", app.schema, sent)

    assert answer.status_code == 400
    assert error(answer)["code"] == "SchemaInvalid"
    assert words in error(answer)["message"]
    assert await graph.get(app.schema) == before


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: user_row(s).update(targetAttributeName="favouriteColour"),
        lambda s: user_row(s)["source"].update(name="MAIL"),
        lambda s: rule(s)["objectMappings"][1].update(targetObjectName="urn:nothing"),
    ],
)
async def test_whether_attributes_must_be_defined_is_a_switch(
    spoil: Break, checked: bool, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.schema_checks_attributes = checked
    sent = await graph.get(app.schema)
    spoil(sent)

    assert (await graph.ask("PUT", app.schema, sent)).status_code == (400 if checked else 204)


@pytest.mark.parametrize(("behaviour", "status"), [("accepted", 204), ("refused", 400)])
async def test_whether_a_source_needs_its_parsed_tree_is_a_switch(
    behaviour: Any, status: int, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.schema_expression_only = behaviour
    sent = await graph.get(app.schema)
    user_row(sent)["source"] = {"expression": "[mail]"}

    assert (await graph.ask("PUT", app.schema, sent)).status_code == status


@pytest.mark.parametrize(("behaviour", "status"), [("accepted", 204), ("refused", 409)])
async def test_whether_an_outdated_version_is_refused_is_a_switch(
    behaviour: Any, status: int, graph: GraphClient, app: App, entra: LocalEntra
) -> None:
    entra.switches.schema_stale_version = behaviour
    old = await graph.get(app.schema)
    assert (await graph.ask("PUT", app.schema, old)).status_code == 204

    assert (await graph.ask("PUT", app.schema, old)).status_code == status


async def test_a_mapping_of_a_default_value_alone_has_no_source(graph: GraphClient, app: App) -> None:
    sent = await graph.get(app.schema)
    user_row(sent).update(source=None, defaultValue="Guest")
    assert (await graph.ask("PUT", app.schema, sent)).status_code == 204
    saved = user_row(await graph.get(app.schema))
    assert (saved["source"], saved["defaultValue"]) == (None, "Guest")


async def test_a_custom_attribute_and_its_mapping_fit_into_one_put(graph: GraphClient, app: App) -> None:
    schema = await graph.get(app.schema)
    name = "urn:ietf:params:scim:schemas:extension:Eptura:2.0:User:floor"
    for directory in schema["directories"]:
        for item in directory["objects"]:
            if item["name"] == ENTERPRISE:
                item["attributes"].append({**item["attributes"][0], "name": name, "anchor": False})
    users = mapping(schema, "User")["attributeMappings"]
    users.append({**users[2], "targetAttributeName": name})

    assert (await graph.ask("PUT", app.schema, schema)).status_code == 204
    assert row(await graph.get(app.schema), name)["source"]["name"] == "displayName"


async def test_functions_and_operators_are_listed(graph: GraphClient, app: App) -> None:
    functions = {item["name"]: item for item in (await graph.get(f"{app.schema}/functions"))["value"]}
    assert [part["name"] for part in functions["Mid"]["parameters"]] == ["source", "start", "length"]
    assert functions["Join"]["parameters"][1]["allowMultipleOccurrences"] is True
    assert functions["Switch"]["parameters"][1]["required"] is False

    operators = {item["name"] for item in (await graph.get(f"{app.schema}/filterOperators"))["value"]}
    assert {"EQUALS", "IS TRUE", "NOT REGEX MATCH", "IS NULL"} <= operators
    assert len(operators) == 14


async def test_directories_are_listed_and_discovered(graph: GraphClient, app: App) -> None:
    base = f"{app.schema}/directories"
    names = {item["name"]: item["id"] for item in (await graph.get(base))["value"]}
    assert names.keys() == {"Microsoft Entra ID", "customappsso"}
    target = names["customappsso"]
    assert (await graph.get(f"{base}/{target}"))["discoveryDateTime"] is None

    found = await graph.ask("POST", f"{base}/{target}/discover")
    assert found.status_code == 200
    assert found.json()["discoveryDateTime"] == (await graph.get(f"{base}/{target}"))["discoveryDateTime"] != ""
    assert (await graph.ask("POST", f"{base}/x/discover")).status_code == 404
    assert (await graph.ask("GET", f"{base}/x")).status_code == 404


async def parse(graph: GraphClient, app: App, expression: Any, **more: Any) -> Json:
    answer = await graph.ask("POST", f"{app.schema}/parseExpression", {"expression": expression, **more})
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


async def test_an_expression_is_parsed_into_the_services_tree(graph: GraphClient, app: App) -> None:
    found = await parse(graph, app, 'Replace([preferredLanguage], "-",,,"_",,)')

    assert found["parsingSucceeded"] is True
    assert found["error"] is None
    # Published: the Salesforce example of Graph's objectMapping.
    assert found["parsedExpression"] == {
        "expression": 'Replace([preferredLanguage], "-", , , "_", , )',
        "name": "Replace",
        "type": "Function",
        "parameters": [
            {
                "key": "source",
                "value": {
                    "expression": "[preferredLanguage]",
                    "name": "preferredLanguage",
                    "type": "Attribute",
                    "parameters": [],
                },
            },
            {"key": "Find", "value": {"expression": '"-"', "name": "-", "type": "Constant", "parameters": []}},
            {"key": "Replacement", "value": {"expression": '"_"', "name": "_", "type": "Constant", "parameters": []}},
        ],
    }


async def test_the_parsed_tree_is_accepted_in_a_schema(graph: GraphClient, app: App) -> None:
    schema = await graph.get(app.schema)
    user_row(schema)["source"] = (await parse(graph, app, 'Append([mail], "x")'))["parsedExpression"]
    assert (await graph.ask("PUT", app.schema, schema)).status_code == 204


@pytest.mark.parametrize("text", ["Switch([a]", "Nonsense([a])", "Not([a], [b])", ""])
async def test_an_expression_that_cannot_be_parsed_says_why(text: str, graph: GraphClient, app: App) -> None:
    found = await parse(graph, app, text)

    assert found["parsingSucceeded"] is False
    assert found["parsedExpression"] is None
    assert found["error"]["message"]


def sample(**properties: Any) -> Json:
    return {"properties": [{"key": key, "value": value} for key, value in properties.items()]}


async def test_an_expression_is_evaluated_for_a_test_object(graph: GraphClient, app: App) -> None:
    # Published: the example of parseExpression.
    text = 'Replace([preferredLanguage], "-", , , "_", ,  )'
    found = await parse(graph, app, text, testInputObject=sample(displayName="Pat", preferredLanguage="EN-US"))
    assert (found["evaluationSucceeded"], found["evaluationResult"], found["error"]) == (True, ["EN_US"], None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Split([a], ";")', ["x", "y"]),
        ("Count([b])", ["2"]),
        ("IsNull([c])", ["True"]),
        ("[c]", []),
        ("IgnoreFlowIfNullOrEmpty([c])", []),
        ("DefaultDomain()", ["contoso.example"]),
        ('DateDiff("d", Now(), Now())', ["0"]),
    ],
)
async def test_each_kind_of_result_is_a_list_of_texts(
    text: str, expected: list[str], graph: GraphClient, app: App
) -> None:
    found = await parse(graph, app, text, testInputObject=sample(a="x;y", b=["1", "2"], c=None))
    assert (found["evaluationSucceeded"], found["evaluationResult"]) == (True, expected)


async def test_without_a_test_object_nothing_is_evaluated(graph: GraphClient, app: App) -> None:
    found = await parse(graph, app, "[mail]")
    assert (found["parsingSucceeded"], found["evaluationSucceeded"], found["error"]) == (True, False, None)


async def test_an_evaluation_that_fails_says_where_and_why(graph: GraphClient, app: App) -> None:
    found = await parse(graph, app, 'Append("x", Item([a], 3))', testInputObject=sample(a=["1"]))
    assert (found["parsingSucceeded"], found["evaluationSucceeded"]) == (True, False)
    assert "Item: index 3 is outside of the 1 value" in found["error"]["message"]
    assert "at character 13" in found["error"]["message"]


@pytest.mark.parametrize("broken", ["x", {"properties": "x"}, {"properties": [1]}, {}])
async def test_a_malformed_test_object_is_refused(broken: Any, graph: GraphClient, app: App) -> None:
    body = {"expression": "[mail]", "testInputObject": broken}
    assert (await graph.ask("POST", f"{app.schema}/parseExpression", body)).status_code == 400


async def test_an_expression_is_required(graph: GraphClient, app: App) -> None:
    assert (await graph.ask("POST", f"{app.schema}/parseExpression", {})).status_code == 400
    assert (await graph.ask("POST", f"{app.schema}/parseExpression", {"expression": 1})).status_code == 400
