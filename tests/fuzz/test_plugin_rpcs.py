"""For any request, the plugin gives a right answer or one readable line: no traceback, no secret, no crash."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from eptura_scim import documented
from eptura_scim.azuread_stand_in.environment import Environment
from eptura_scim.azuread_stand_in.graph import Graph
from eptura_scim.graph.client import GraphClient, connect
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.local_entra import NON_GALLERY_TEMPLATE, LocalEntra
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.server import listen
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.paused_changes import PausedChanges
from tests.examples import examples
from tests.fuzz import no_wait_clients, property_values

T = TypeVar("T")

TOKEN = "t0ken-of-the-fuzz-8c41"
SERVICE = provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"]
OURS = "eptura-scim:index"
TOKENS = tuple(no_wait_clients.RESOURCES)
FUNCTIONS = (f"{OURS}:sealingKey", "azuread:index/getApplication:getApplication")
MAPPINGS = dump(documented.mappings(phone_work="off", phone_mobile="off", group_matching="externalIdOnly"))
RESOURCE_CALLS = ("Check", "Diff", "Create", "Read", "Update", "Delete")


async def _no_sleep(_seconds: float) -> None:
    return


class _Plugin:
    """The resources of both plugins behind a real gRPC server in a thread of this process, its Graph a local Entra."""

    def __init__(self, entra: LocalEntra) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.client, port = self.run(self._start(entra))
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _start(self, entra: LocalEntra) -> tuple[GraphClient, int]:
        client = await connect(entra.environment)
        self.stand_in = Graph(Environment.of(entra.environment), sleep=_no_sleep)
        no_wait_clients.CLIENTS.append(
            no_wait_clients.Clients(SynchronizationClient(client), self.stand_in, changes=PausedChanges())
        )
        package = {"name": "both plugins in one", "version": "0.1.0", "description": ""}
        functions = {
            FUNCTIONS[0]: "eptura_scim.provider.secrets:sealing_key",
            FUNCTIONS[1]: "tests.fuzz.no_wait_clients:application",
        }
        self.server, port = await listen(ResourceProvider(package, no_wait_clients.RESOURCES, functions), "0.1.0")
        return client, port

    async def _stop(self) -> None:
        await self.server.stop(None)
        await self.client.close()
        await self.stand_in.close()

    def close(self) -> None:
        self.channel.close()
        self.run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture(scope="module")
def entra() -> Iterator[LocalEntra]:
    with LocalEntra.start() as started:
        started.scim.accept_tokens([TOKEN])
        yield started


@pytest.fixture(scope="module")
def where(entra: LocalEntra) -> tuple[str, str]:
    return entra.portal.create_application("Eptura"), entra.portal.create_job()


@pytest.fixture(scope="module")
def plugin(entra: LocalEntra, where: tuple[str, str]) -> Iterator[_Plugin]:
    started = _Plugin(entra)
    yield started
    started.close()


@pytest.fixture
def new_plugin(entra: LocalEntra, where: tuple[str, str]) -> Iterator[_Plugin]:
    """A plugin for which no other test has planned a restart of the job."""
    started = _Plugin(entra)
    yield started
    started.close()
    no_wait_clients.CLIENTS.pop()


@pytest.fixture(scope="module")
def valid(entra: LocalEntra, where: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Right inputs of each resource."""
    job = {"servicePrincipalId": where[0], "jobId": where[1]}
    return {
        f"{OURS}:SynchronizationJob": {
            "servicePrincipalId": where[0],
            "templateId": documented.SYNCHRONIZATION_TEMPLATE,
            "configuration": {"provisioningStatus": "Off", "secrets": "a", "mappings": "b", "assignments": "c"},
        },
        f"{OURS}:SynchronizationSecrets": {
            **job,
            "tenantUrl": entra.scim.url,
            "secretToken": TOKEN,
            "secretTokenFingerprint": "v1.AAAA.BBBB",
            "scope": "assigned",
            "accidentalDeletionThreshold": 5,
        },
        f"{OURS}:SynchronizationSchema": {**job, **MAPPINGS},
        f"{OURS}:SynchronizationJobState": {**job, "provisioningStatus": "Off"},
        f"{OURS}:EnterpriseApplicationName": {"servicePrincipalId": where[0], "displayName": "Eptura"},
        "azuread:index/appRoleAssignment:AppRoleAssignment": {
            "appRoleId": str(uuid.UUID(int=0)),
            "principalObjectId": str(uuid.UUID(int=7)),
            "resourceObjectId": where[0],
        },
        "azuread:index/applicationFromTemplate:ApplicationFromTemplate": {
            "displayName": "Eptura",
            "templateId": NON_GALLERY_TEMPLATE,
        },
        "azuread:index/servicePrincipal:ServicePrincipal": {
            "clientId": str(uuid.UUID(int=7)),
            "useExisting": True,
            "accountEnabled": True,
            "appRoleAssignmentRequired": False,
            "featureTags": [documented.FEATURES],
        },
        "azuread:index/synchronizationJob:SynchronizationJob": {
            "servicePrincipalId": f"/servicePrincipals/{where[0]}",
            "templateId": documented.SYNCHRONIZATION_TEMPLATE,
            "enabled": False,
        },
    }


def answered(stub: Any, method: str, request: Message) -> Message | None:
    """The answer; None for a refusal, which has to be one readable line."""
    try:
        made = getattr(stub, method)(request, timeout=60)
        return next(iter(made)) if method == "List" else made
    except grpc.RpcError as error:
        code, said = error.code(), str(error.details())
        assert code in {grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNIMPLEMENTED}, (method, code, said)
        assert said, method
        assert len(said) < 6000, (method, said[:200])
        for sign in ("Traceback", 'File "', "failed unexpectedly", "Exception iterating", TOKEN):
            assert sign not in said, (method, said)
        return None


def urns() -> st.SearchStrategy[str]:
    tokens = st.sampled_from([*TOKENS, f"{OURS}:No", "", "$", ":::"])
    parents = st.sampled_from(["", "my:index:Parent$", "$"])
    right = st.tuples(parents, tokens, st.text(max_size=5)).map(lambda t: f"urn:pulumi:dev::p::{t[0]}{t[1]}::{t[2]}")
    return right | st.text(max_size=30) | st.just("::" * 1000)


def ids(where: tuple[str, str]) -> st.SearchStrategy[str]:
    service_principal, job = where
    return st.sampled_from(
        [
            f"{service_principal}/{job}",
            f"/servicePrincipals/{service_principal}/synchronization/jobs/{job}",
            f"/servicePrincipals/{service_principal}",
            f"/applicationTemplates/{NON_GALLERY_TEMPLATE}/instantiate/{service_principal}/{service_principal}",
            f"{service_principal}/..",
            f"{service_principal}/no-such-job",
            f"{'0' * 36}/{job}",
            f"{service_principal}/{'j' * 20_000}",
            "/" * 50_000,
        ]
    ) | st.text(max_size=40)


def messages(kind: Any, where: tuple[str, str]) -> st.SearchStrategy[Message]:
    """Any message of a type; texts that are URNs, ids and tokens are often ones that mean something."""
    fields = {field.name: _field(field, where) for field in kind.fields}
    chosen = st.fixed_dictionaries({}, optional=fields)
    made = GetMessageClass(kind)
    return chosen.map(lambda values: made(**values))


def _field(field: FieldDescriptor, where: tuple[str, str]) -> st.SearchStrategy[Any]:
    named: dict[str, st.SearchStrategy[Any]] = {
        "urn": urns(),
        "id": ids(where),
        "tok": st.sampled_from([*FUNCTIONS, "", f"{OURS}:no"]) | st.text(max_size=20),
        # No address is called but our own.
        "monitorEndpoint": st.sampled_from(["", "127.0.0.1:1", "nonsense"]),
        "engine_address": st.just("127.0.0.1:1"),
        "address": st.just("127.0.0.1:1"),
    }
    if field.name in named:
        one = named[field.name]
    elif field.message_type is not None and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        return st.dictionaries(st.text(max_size=5), _field(value, where), max_size=2)
    elif field.message_type is not None:
        special = {"google.protobuf.Struct": property_values.STRUCTS, "google.protobuf.Value": property_values.VALUES}
        name = field.message_type.full_name
        one = special[name] if name in special else st.just(GetMessageClass(field.message_type)())
    elif field.type == FieldDescriptor.TYPE_BYTES:
        one = st.binary(max_size=10)
    else:
        one = _SCALARS[field.cpp_type]
    return st.lists(one, max_size=2) if field.is_repeated else one


_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_STRING: st.text(max_size=10),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.CPPTYPE_ENUM: st.integers(0, 5),
}


@pytest.mark.parametrize("method", [method.name for method in SERVICE.methods if method.name != "Cancel"])
def test_any_message_gets_an_answer_or_a_single_line(method: str, plugin: _Plugin, where: tuple[str, str]) -> None:
    kind = SERVICE.methods_by_name[method].input_type
    requests = messages(kind, where) if kind.full_name.startswith("pulumirpc") else st.just(empty_pb2.Empty())

    @examples(8)
    @given(requests)
    def tried(request: Message) -> None:
        answered(plugin.stub, method, request)

    tried()


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("method", RESOURCE_CALLS)
def test_nearly_right_properties_get_an_answer_or_a_single_line(
    method: str, token: str, plugin: _Plugin, where: tuple[str, str], valid: dict[str, dict[str, Any]]
) -> None:
    urn = f"urn:pulumi:dev::p::{token}::eptura"
    properties = property_values.changed(valid[token])

    @examples(10)
    @given(ids(where), properties, properties, st.booleans())
    def tried(resource_id: str, old: struct_pb2.Struct, new: struct_pb2.Struct, preview: bool) -> None:
        answered(plugin.stub, method, _REQUESTS[method](urn, resource_id, old, new, preview))

    tried()


_REQUESTS: dict[str, Callable[[str, str, struct_pb2.Struct, struct_pb2.Struct, bool], Message]] = {
    "Check": lambda urn, _id, old, new, _: provider_pb2.CheckRequest(urn=urn, olds=old, news=new),
    "Diff": lambda urn, id_, old, new, _: provider_pb2.DiffRequest(urn=urn, id=id_, olds=old, news=new),
    "Create": lambda urn, _id, _old, new, preview: provider_pb2.CreateRequest(urn=urn, properties=new, preview=preview),
    "Read": lambda urn, id_, old, new, _: provider_pb2.ReadRequest(urn=urn, id=id_, properties=old, inputs=new),
    "Update": lambda urn, id_, old, new, preview: provider_pb2.UpdateRequest(
        urn=urn, id=id_, olds=old, news=new, preview=preview
    ),
    "Delete": lambda urn, id_, old, _new, _: provider_pb2.DeleteRequest(urn=urn, id=id_, properties=old),
}


@pytest.mark.parametrize("token", TOKENS)
def test_checked_inputs_pass_a_second_check_unchanged(
    token: str, new_plugin: _Plugin, valid: dict[str, dict[str, Any]]
) -> None:
    urn = f"urn:pulumi:dev::p::{token}::eptura"

    @examples(10)
    @given(property_values.changed(valid[token]))
    def tried(new: struct_pb2.Struct) -> None:
        checked: Any = answered(new_plugin.stub, "Check", provider_pb2.CheckRequest(urn=urn, news=new))
        if checked is None or checked.failures:
            return
        again: Any = answered(
            new_plugin.stub, "Diff", provider_pb2.DiffRequest(urn=urn, olds=checked.inputs, news=checked.inputs)
        )
        assert property_values.SENTINELS[0] in str(checked.inputs) or not again.detailedDiff

    tried()
