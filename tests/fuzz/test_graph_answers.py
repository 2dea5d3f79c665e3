"""For any answer of Graph, each call gives a result or one readable error, and each resource as well."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eptura_scim import documented
from eptura_scim.errors import ReadableError
from eptura_scim.graph import client
from eptura_scim.graph.cloud import Cloud
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ReplyError
from eptura_scim.graph.ids import JobId, ServicePrincipalId
from eptura_scim.graph.synchronization import ConnectionCredentials, JobRef, SynchronizationClient
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.schema import SchemaInputs, SynchronizationSchema
from eptura_scim.provider.secrets import SynchronizationSecrets
from tests.examples import examples
from tests.fuzz.http_requests import JSON, changed_json

ID = "38b6e290-586c-4d89-8aaa-fa521501d270"
REF = JobRef(ServicePrincipalId(ID), JobId("scim.1"))
RESOURCE_ID = f"{ID}/scim.1"
EXECUTION = {
    "state": "Succeeded",
    "timeBegan": "2026-01-01T00:00:00Z",
    "timeEnded": None,
    "countEscrowed": 0,
    "error": None,
}
JOB = {
    "id": "scim.1",
    "templateId": "scim",
    "schedule": {"state": "Active", "interval": "PT40M", "expiration": None},
    "status": {
        "code": "Active",
        "lastExecution": EXECUTION,
        "progress": [],
        "quarantine": {"reason": "x", "seriesCount": 1, "error": {"code": "x", "message": "y"}},
        "synchronizedEntryCountByType": [{"key": "User to User", "value": 5}],
    },
}
SECRETS = [
    {"key": "BaseAddress", "value": "https://localhost/scim/v1/"},
    {"key": "SecretToken", "value": "*"},
    {"key": "SyncAll", "value": "true"},
    {
        "key": "SyncNotificationSettings",
        "value": '{"Enabled":true,"Recipients":"a@b.example","DeleteThresholdValue":5}',
    },
]
ROW = {"targetAttributeName": "title", "source": {"expression": "[mail]", "name": "mail", "type": "Attribute"}}
SCOPE = {"groups": [{"name": "x", "clauses": [{"operatorName": "IS TRUE", "sourceOperandName": "accountEnabled"}]}]}
SCHEMA: dict[str, Any] = {
    "synchronizationRules": [
        {
            "objectMappings": [
                {
                    "sourceObjectName": name,
                    "enabled": True,
                    "flowTypes": "Add",
                    "scope": SCOPE,
                    "attributeMappings": [ROW],
                }
                for name in ("User", "Group")
            ]
        }
    ]
}
PRINCIPAL = {"id": ID, "appId": ID, "displayName": "Eptura", "notes": "x", "appRoles": [{"id": ID, "value": "User"}]}
ANSWERS: dict[str, Any] = {
    "schema": SCHEMA,
    "parseExpression": {"parsingSucceeded": True, "parsedExpression": {"name": "x"}, "error": {"message": "x"}},
    "secrets": {"value": SECRETS},
    "jobs": {"value": [JOB], "@odata.nextLink": None},
    "scim.1": JOB,
    "validateCredentials": None,
    "provisionOnDemand": {"key": "x", "value": json.dumps({"provisioningSteps": [], "modifiedProperties": []})},
}


class Answering(client.GraphClient):
    """A client whose every answer is drawn: right ones with some values replaced, or anything."""

    def __init__(self, data: st.DataObject) -> None:
        self.cloud = Cloud("https://graph.example", "https://login.example")
        self._data = data

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        if method in {"PUT", "DELETE", "PATCH"}:
            return None
        right = ANSWERS.get(path.partition("?")[0].rpartition("/")[2], PRINCIPAL)
        return self._data.draw(changed_json(right) | changed_json(right) | JSON)


def api(data: st.DataObject) -> SynchronizationClient:
    return SynchronizationClient(Answering(data))


def survives(work: Awaitable[Any]) -> None:
    async def awaited() -> None:
        try:
            await work
        except ReadableError as error:
            assert "\n" not in str(error) or len(str(error)) < 2000

    asyncio.run(awaited())


CALLS: dict[str, Callable[[SynchronizationClient], Awaitable[Any]]] = {
    "application_name": lambda it: it.application_name(REF.service_principal),
    "jobs": lambda it: it.jobs(REF.service_principal),
    "job": lambda it: it.job(REF),
    "schema": lambda it: it.schema(REF),
    "parse_expression": lambda it: it.parse_expression(REF, "x"),
    "secrets": lambda it: it.secrets(REF.service_principal),
    "test_connection": lambda it: it.test_connection(REF, ConnectionCredentials("https://x", "y")),
}


@pytest.mark.parametrize("call", CALLS)
def test_any_answer_to_a_call_is_a_result_or_a_readable_error(call: str) -> None:
    @examples(25)
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        survives(CALLS[call](api(data)))

    tried()


NO_WAITING = Consistency(seconds=-1, refusal_seconds=-1)
MAPPINGS = dump(documented.mappings(phone_work="off", phone_mobile="off", group_matching="externalIdOnly"))
WHERE = {"servicePrincipalId": ID, "jobId": "scim.1"}
WORK: dict[str, Callable[[SynchronizationClient], Awaitable[Any]]] = {
    "read secrets": lambda it: SynchronizationSecrets(it, NO_WAITING).read(RESOURCE_ID, {}),
    "delete secrets": lambda it: SynchronizationSecrets(it, NO_WAITING).delete(RESOURCE_ID, {}),
    "read schema": lambda it: _dumped(SynchronizationSchema(it, NO_WAITING).read(RESOURCE_ID, {})),
    "create schema": lambda it: SynchronizationSchema(it, NO_WAITING).create(
        "", SchemaInputs.model_validate({**WHERE, **MAPPINGS})
    ),
    "delete schema": lambda it: SynchronizationSchema(it, NO_WAITING).delete(RESOURCE_ID, {}),
    "read state": lambda it: SynchronizationJobState(it, NO_WAITING).read(RESOURCE_ID, {}),
    "create state": lambda it: SynchronizationJobState(it, NO_WAITING).create("", JobStateInputs.model_validate(WHERE)),
    "delete state": lambda it: SynchronizationJobState(it, NO_WAITING).delete(RESOURCE_ID, {}),
}


async def _dumped(reading: Awaitable[Any]) -> None:
    """As the plugin sends it to the engine."""
    found = await reading
    if found is not None:
        json.dumps(dump(found[0]))


@pytest.mark.parametrize("work", WORK)
def test_any_answer_gives_a_result_or_a_readable_error(work: str) -> None:
    @examples(25)
    @given(st.data())
    def tried(data: st.DataObject) -> None:
        survives(WORK[work](api(data)))

    tried()


def test_an_answer_that_is_nested_without_end_is_refused() -> None:
    deep = "[" * 100_000
    with pytest.raises(ReplyError, match="not JSON"):
        client._json("graph.example", "GET", "/x", deep)
    assert client._code_and_message(deep) == ("", "")
