"""A plugin as the engine meets it: a process that is called over gRPC and answers a failure with one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from tests.integration.plugin_sdk.sample_plugin import SECRET

PLUGIN = Path(__file__).with_name("sample_plugin.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
URN = "urn:pulumi:dev::project::sample:index:Thing::thing"
CHILD = "urn:pulumi:dev::project::my:index:Parent$sample:index:Thing::thing"
BRIDGED = "urn:pulumi:dev::project::sample:index:BridgedThing::thing"


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PLUGIN), *arguments],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    with start("127.0.0.1:1") as started:
        yield started
        started.terminate()  # so that it leaves by itself


@pytest.fixture(scope="module")
def plugin(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    port = int(process.stdout.readline())
    return provider_pb2_grpc.ResourceProviderStub(grpc.insecure_channel(f"127.0.0.1:{port}"))


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


def plain(values: struct_pb2.Struct) -> dict[str, Any]:
    return {name: rpc.deserialize_property(value) for name, value in values.items()}


def failure(call: Any, request: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    return caught.value


def diff(plugin: Any, old: dict[str, Any], new: dict[str, Any], urn: str = URN) -> Any:
    return plugin.Diff(provider_pb2.DiffRequest(id="/things/a", urn=urn, olds=struct(old), news=struct(new)))


def test_the_plugin_tells_its_version(plugin: Any) -> None:
    assert plugin.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"


def test_the_plugin_offers_previews_and_leaves_secrets_to_pulumi(plugin: Any) -> None:
    configured = plugin.Configure(provider_pb2.ConfigureRequest())
    assert configured.supportsPreview
    assert not configured.acceptSecrets


@pytest.mark.parametrize("urn", [URN, CHILD])
def test_check_gives_all_failures_with_their_paths(plugin: Any, urn: str) -> None:
    news = struct({"kind": 5, "colour": "red"})
    response = plugin.Check(provider_pb2.CheckRequest(urn=urn, news=news))
    assert sorted(item.property for item in response.failures) == ["colour", "displayName", "kind"]


def test_check_keeps_preprocessed_values_out_of_the_inputs(plugin: Any) -> None:
    news = struct({"displayName": "a", "token": SECRET})
    response = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=news))
    assert not response.failures
    assert plain(response.inputs) == {"displayName": "a", "kind": "plain", "parts": {}, "tags": []}


def test_a_difference_is_named_by_its_path(plugin: Any) -> None:
    old = {"displayName": "a", "kind": "plain", "parts": {"left.arm": {"size": 1}}, "size": 1}
    new = {"displayName": "A", "kind": "fancy", "parts": {"left.arm": {"size": 2}, "head": {"size": 3}}}
    response = diff(plugin, old, new)
    kinds = provider_pb2.PropertyDiff.Kind
    assert {path: item.kind for path, item in response.detailedDiff.items()} == {
        "kind": kinds.UPDATE_REPLACE,
        'parts["left.arm"].size': kinds.UPDATE,
        "parts.head": kinds.ADD,
    }
    assert response.replaces == ["kind"]
    assert response.changes == provider_pb2.DiffResponse.DIFF_SOME


def test_outputs_and_equivalent_values_are_not_a_difference(plugin: Any) -> None:
    response = diff(plugin, {"displayName": "a", "size": 1}, {"displayName": "A"})
    assert response.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert not response.detailedDiff


def test_an_ignored_property_is_not_a_difference(plugin: Any) -> None:
    old = {"displayName": "a", "count": 1, "parts": {"left.arm": {"size": 1}, "head": {"size": 1}}}
    new = {"displayName": "b", "count": 2, "parts": {"left.arm": {"size": 2}, "head": {"size": 2}}}
    request = provider_pb2.DiffRequest(
        id="/things/a", urn=URN, olds=struct(old), news=struct(new), ignoreChanges=["count", 'parts["left.arm"]']
    )
    assert set(plugin.Diff(request).detailedDiff) == {"displayName", "parts.head.size"}
    request.ignoreChanges.extend(["displayName", "parts[*].size"])
    answer = plugin.Diff(request)
    assert (answer.changes, list(answer.diffs)) == (provider_pb2.DiffResponse.DIFF_NONE, [])


def test_an_input_that_is_not_set_any_more_is_a_deletion(plugin: Any) -> None:
    response = diff(plugin, {"displayName": "a", "count": 1}, {"displayName": "a"})
    assert {path: item.kind for path, item in response.detailedDiff.items()} == {
        "count": provider_pb2.PropertyDiff.Kind.DELETE
    }


def test_a_resource_may_compare_only_what_is_set(plugin: Any) -> None:
    old = {"displayName": "a", "count": 1}
    assert diff(plugin, old, {"displayName": "a"}, BRIDGED).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert set(diff(plugin, old, {"displayName": "b"}, BRIDGED).detailedDiff) == {"displayName"}


def test_an_input_that_is_unset_is_deleted_unless_it_is_ignored(plugin: Any) -> None:
    old, new = {"displayName": "a", "tags": ["x"]}, {"displayName": "a"}
    assert set(diff(plugin, old, new, BRIDGED).detailedDiff) == {"tags"}
    assert not diff(plugin, {**old, "tags": []}, new, BRIDGED).detailedDiff

    asked = {"id": "/things/a", "urn": BRIDGED, "olds": struct(old), "news": struct(new)}
    ignoring = {**asked, "ignoreChanges": ["tags"]}
    assert not plugin.Diff(provider_pb2.DiffRequest(**ignoring)).detailedDiff
    assert plain(plugin.Update(provider_pb2.UpdateRequest(**ignoring)).properties)["tags"] == ["x"]
    assert plain(plugin.Update(provider_pb2.UpdateRequest(**asked)).properties)["tags"] == []


def test_a_previewed_create_names_what_will_be_computed(plugin: Any) -> None:
    request = provider_pb2.CreateRequest(urn=BRIDGED, properties=struct({"displayName": "a"}), preview=True)
    assert dict(plugin.Create(request).properties) == {"displayName": "a", "size": rpc.UNKNOWN}


def test_create_gives_id_inputs_and_outputs(plugin: Any) -> None:
    properties = struct({"displayName": "a", "parts": {"head": {"size": 1}}})
    response = plugin.Create(provider_pb2.CreateRequest(urn=CHILD, properties=properties))
    assert response.id == "/things/a"
    assert plain(response.properties) == {"displayName": "a", "parts": {"head": {"size": 1}}, "size": 1}


def test_a_previewed_create_has_no_id(plugin: Any) -> None:
    properties = struct({"displayName": rpc.UNKNOWN, "kind": "plain"})
    response = plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=properties, preview=True))
    assert response.id == ""
    assert response.properties["displayName"] == rpc.UNKNOWN


def test_imported_values_pass_the_check(plugin: Any) -> None:
    read = plugin.Read(provider_pb2.ReadRequest(urn=URN, id="/things/reserved"))
    request = provider_pb2.CheckRequest(urn=URN, news=read.inputs)
    assert not plugin.Check(request).failures
    assert [item.property for item in plugin.Check(request).failures] == ["displayName"], "once"


def test_read_gives_inputs_so_that_import_works(plugin: Any) -> None:
    response = plugin.Read(provider_pb2.ReadRequest(urn=URN, id="/things/a"))
    assert response.id == "/things/a"
    assert plain(response.inputs) == {"displayName": "a", "kind": "plain", "parts": {}, "tags": []}
    assert plain(response.properties)["size"] == 0


def test_what_is_gone_reads_as_an_empty_id(plugin: Any) -> None:
    known = struct({"displayName": "a"})
    request = provider_pb2.ReadRequest(urn=URN, id="/things/gone", inputs=known, properties=known)
    assert plugin.Read(request).id == ""


def test_an_import_of_what_does_not_exist_is_refused_with_its_id(plugin: Any) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Read(provider_pb2.ReadRequest(urn=URN, id="/things/gone"))
    assert "object '/things/gone' not found" in caught.value.details()


def test_a_previewed_update_keeps_the_outputs(plugin: Any) -> None:
    olds, news = struct({"displayName": "a", "size": 7}), struct({"displayName": "b"})
    request = provider_pb2.UpdateRequest(urn=URN, id="/things/a", olds=olds, news=news, preview=True)
    assert plain(plugin.Update(request).properties) == {"displayName": "b", "size": 7}


def test_an_update_gives_new_outputs(plugin: Any) -> None:
    olds, news = struct({"displayName": "a", "size": 7}), struct({"displayName": "b"})
    request = provider_pb2.UpdateRequest(urn=URN, id="/things/a", olds=olds, news=news)
    assert plain(plugin.Update(request).properties) == {"displayName": "b", "size": 0}


def test_a_function_is_called(plugin: Any) -> None:
    response = plugin.Invoke(provider_pb2.InvokeRequest(tok="sample:index:double", args=struct({"value": 21})))
    assert getattr(response, "return")["value"] == 42  # a keyword, so there is no attribute syntax for it


def test_a_request_that_computes_keeps_no_other_waiting(plugin: Any) -> None:
    news = struct({"displayName": "patient"})
    checking = plugin.Check.future(provider_pb2.CheckRequest(urn=URN, news=news), timeout=60)
    plugin.Invoke(provider_pb2.InvokeRequest(tok="sample:index:double", args=struct({"value": 1})), timeout=30)
    assert plain(checking.result().inputs)["displayName"] == "patient"


def checked_settings(plugin: Any, project: str, **settings: str) -> Any:
    urn = f"urn:pulumi:dev::{project}::pulumi:providers:sample::default_1_2_3"
    return plugin.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=struct(settings)))


def test_each_provider_setting_is_refused_and_not_kept(plugin: Any) -> None:
    answer = checked_settings(plugin, "project", tenantId="contoso", clientSecret=SECRET, version="1.2.3")
    assert [failure.reason.split(", ")[0] for failure in answer.failures] == [
        "clientSecret is not used by this provider",
        "tenantId is not used by this provider",
    ]
    assert all("set ARM_* variables" in failure.reason for failure in answer.failures)
    assert not any(failure.property for failure in answer.failures), "the engine prints the value of a property"
    assert SECRET not in str(answer)
    assert plain(answer.inputs) == {}


def test_a_provider_without_settings_is_accepted(plugin: Any) -> None:
    assert not checked_settings(plugin, "project", version="1.2.3").failures


def test_settings_of_a_project_named_as_the_provider_are_allowed(plugin: Any) -> None:
    answer = checked_settings(plugin, "sample", tenantUrl="https://example.com", secretToken=SECRET)
    assert not answer.failures
    assert plain(answer.inputs) == {}


def test_the_schema_is_served(plugin: Any) -> None:
    assert json.loads(plugin.GetSchema(provider_pb2.GetSchemaRequest()).schema)["name"] == "sample"


def test_an_expected_failure_is_its_text_and_nothing_else(plugin: Any) -> None:
    error = failure(plugin.Create, provider_pb2.CreateRequest(urn=URN, properties=struct({"displayName": "refused"})))
    assert error.details() == "the thing was refused: choose another name"
    error = failure(plugin.Delete, provider_pb2.DeleteRequest(urn=URN, id="/things/kept"))
    assert error.details() == "the thing is in use"


def test_an_object_made_in_part_is_known_to_the_engine(plugin: Any) -> None:
    error = failure(plugin.Create, provider_pb2.CreateRequest(urn=URN, properties=struct({"displayName": "half"})))
    assert error.details() == "the thing has no parts yet"
    status = status_pb2.Status.FromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    made = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(made)
    assert made.id == "/things/half"
    assert plain(made.properties) == {"displayName": "half", "size": 0}


def test_a_defect_is_a_line_without_traceback_and_values(plugin: Any) -> None:
    error = failure(plugin.Create, provider_pb2.CreateRequest(urn=URN, properties=struct({"displayName": "broken"})))
    details = error.details()
    assert details.startswith("the provider failed unexpectedly: ValueError at sample_plugin.py:")
    assert "\n" not in details
    assert "Traceback" not in details
    assert SECRET not in details


def test_unknown_types_and_functions_are_named(plugin: Any) -> None:
    urn = "urn:pulumi:dev::project::sample:index:Other::thing"
    error = failure(plugin.Check, provider_pb2.CheckRequest(urn=urn, news=struct({})))
    assert error.details().startswith("sample:index:Other is not a resource of sample: sample:index:Thing")
    error = failure(plugin.Invoke, provider_pb2.InvokeRequest(tok="sample:index:other", args=struct({})))
    assert error.details() == "sample:index:other is not a function of sample"


INTERRUPTED = "interrupted: run the same command again to continue"


def endless_update(plugin: Any) -> Any:
    """The answer to an update that waits for ever; given back when the plugin works on it."""
    values = struct({"displayName": "endless"})
    request = provider_pb2.UpdateRequest(urn=URN, id="/things/endless", olds=values, news=values)
    answer = plugin.Update.future(request, timeout=60)
    # The plugin takes requests in their order.
    plugin.Invoke(provider_pb2.InvokeRequest(tok="sample:index:double", args=struct({"value": 1})), timeout=30)
    return answer


def connected(started: subprocess.Popen[str]) -> Any:
    assert started.stdout
    return provider_pb2_grpc.ResourceProviderStub(
        grpc.insecure_channel(f"127.0.0.1:{started.stdout.readline().strip()}")
    )


def test_a_cancellation_ends_waiting_and_later_requests() -> None:
    with start("127.0.0.1:1") as started:
        plugin = connected(started)
        answer = endless_update(plugin)
        plugin.Cancel(empty_pb2.Empty(), timeout=30)
        assert answer.exception().details() == INTERRUPTED
        error = failure(plugin.Create, provider_pb2.CreateRequest(urn=URN, properties=struct({"displayName": "a"})))
        assert error.details() == INTERRUPTED
        started.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_request_that_waits_with_a_line(number: signal.Signals) -> None:
    with start("127.0.0.1:1") as started:
        answer = endless_update(connected(started))
        started.send_signal(number)
        assert answer.exception().details() == INTERRUPTED
        assert started.wait(30) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_plugin_ends_quietly_when_the_engine_stops(number: signal.Signals) -> None:
    with start("127.0.0.1:1") as started:
        assert started.stdout
        started.stdout.readline()
        started.send_signal(number)
        _, said = started.communicate(timeout=20)
    assert (started.returncode, said) == (0, "")


def test_the_plugin_explains_itself_on_a_terminal() -> None:
    with start() as started:
        _, said = started.communicate(timeout=20)
    assert started.returncode == 1
    assert said.strip().endswith("is a Pulumi plugin: the engine starts it. To use it, run `pulumi up`.")
