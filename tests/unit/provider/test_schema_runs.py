"""What becomes of the mappings of a job that is made, changed or read, as Graph has them afterwards."""

from __future__ import annotations

import copy
import itertools
import re
from typing import Any

import pytest

from eptura_scim import documented
from eptura_scim.expressions.parser import parse
from eptura_scim.expressions.tree import source_tree
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ConflictError, ForbiddenError, GraphError, NotFoundError, ReplyError
from eptura_scim.graph.ids import ServicePrincipalId
from eptura_scim.graph.synchronization import Job, JobRef
from eptura_scim.mapping import AttributeMapping, Mappings, mappings_of
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.job_state import JobStateInputs, SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.schema import SchemaInputs, SynchronizationSchema
from tests.unit.job_samples import REF, job
from tests.unit.one_job import DOCUMENTED, HERE, TEMPLATE, OneJob

ID = f"{REF.service_principal}/{REF.job}"
WANTED = documented.mappings()
SALES = documented.mappings(user_filter='department EQUALS "sales"')
MISSPELLED = documented.mappings(user_filter='departmnet EQUALS "sales"')
PAUSED = job(schedule="Paused")


class OneSchema(OneJob):
    """A job whose schema can be written. `late_schemas` are answers of replicas that are behind."""

    def __init__(self, live: Job = PAUSED, schema: dict[str, Any] = TEMPLATE) -> None:
        super().__init__(live, HERE, copy.deepcopy(schema))
        self.live = copy.deepcopy(schema)
        self.late_schemas: list[dict[str, Any]] = []
        self.late_after_put: list[dict[str, Any]] = []
        self.unknown_schemas = 0
        self.is_template_readable = True

    async def schema(self, ref: JobRef) -> dict[str, Any]:
        if self.unknown_schemas:
            self.unknown_schemas -= 1
            raise NotFoundError("404")
        return copy.deepcopy(self.late_schemas.pop(0) if self.late_schemas else self.live)

    async def put_schema(self, ref: JobRef, schema: Any) -> None:
        self._do("put", self._live.schedule.state)
        self.live, self.late_schemas = copy.deepcopy(dict(schema)), self.late_after_put

    async def parse_expression(self, ref: JobRef, expression: str) -> dict[str, Any]:
        return source_tree(parse(expression))

    async def template_schema(self, service_principal: ServicePrincipalId, template: str) -> dict[str, Any]:
        if not self.is_template_readable:
            raise ForbiddenError("403")
        return copy.deepcopy(TEMPLATE)


def resource(api: OneSchema) -> SynchronizationSchema:
    times = itertools.count()

    async def sleep(_seconds: float) -> None:
        return

    return SynchronizationSchema(api, Consistency(clock=lambda: float(next(times)), sleep=sleep), PausedChanges())


def inputs(wanted: Mappings = WANTED) -> SchemaInputs:
    return SchemaInputs.model_validate({"servicePrincipalId": REF.service_principal, "jobId": REF.job, **dump(wanted)})


async def converge(api: OneSchema, act: str, wanted: Mappings = WANTED) -> None:
    if act == "create":
        await resource(api).create("", inputs(wanted))
    else:
        await resource(api).update("", ID, dump(inputs()), inputs(wanted))


BOTH = pytest.mark.parametrize("act", ["create", "update"])


@BOTH
async def test_other_mappings_are_written_once(act: str) -> None:
    api = OneSchema()
    await converge(api, act)
    assert (mappings_of(api.live), api.done) == (WANTED, ["put"])
    await converge(api, act)
    assert api.done == ["put"]


@BOTH
@pytest.mark.parametrize("error", [ConflictError("409"), ForbiddenError("403"), NotFoundError("404")])
async def test_a_write_of_the_mappings_waits_for_consistency(act: str, error: GraphError) -> None:
    api = OneSchema()
    api.failures = [error]
    await converge(api, act)
    assert mappings_of(api.live) == WANTED


async def test_a_run_ends_when_entra_shows_the_new_mappings() -> None:
    api = OneSchema()
    api.late_after_put = [TEMPLATE, TEMPLATE]
    await converge(api, "update")
    assert api.late_schemas == []
    api = OneSchema()
    api.late_after_put = [TEMPLATE] * 999
    with pytest.raises(ReplyError, match=r"Entra still shows something else at .*users\.externalId\.source"):
        await converge(api, "update")


async def test_a_late_answer_leaves_no_other_mappings() -> None:
    api = OneSchema()
    api.late_schemas = [DOCUMENTED]
    await converge(api, "update")
    assert mappings_of(api.live) == WANTED


@BOTH
async def test_a_filter_with_an_unknown_attribute_is_not_written(act: str) -> None:
    api = OneSchema()
    with pytest.raises(ResourceError, match=r"has no attribute departmnet.*No user or group would be in scope"):
        await converge(api, act, MISSPELLED)
    assert api.done == []


def with_user_mapping(target: str, source: str) -> Mappings:
    return WANTED.model_copy(update={"users": {**WANTED.users, target: AttributeMapping(source=source)}})


def without_definition(target: str) -> dict[str, Any]:
    """The documented schema without a target attribute, which the portal's attribute list can remove."""
    schema = copy.deepcopy(DOCUMENTED)
    for rule in schema["synchronizationRules"]:
        for mapping in rule["objectMappings"]:
            rows = mapping["attributeMappings"]
            mapping["attributeMappings"] = [row for row in rows if row["targetAttributeName"] != target]
    for directory in schema["directories"]:
        for found in directory["objects"]:
            found["attributes"] = [one for one in found["attributes"] if one["name"] != target]
    return schema


async def warnings(api: OneSchema, wanted: Mappings, path: tuple[str, ...]) -> str:
    return "\n".join(await resource(api).change_warnings(dump(inputs()), dump(inputs(wanted)), [path]))


UNDEFINED = "the target directory defines no attribute"


async def test_an_attribute_that_nothing_defines_is_not_mapped() -> None:
    api = OneSchema(schema=DOCUMENTED)
    wanted = with_user_mapping("shoeSize", "[jobTitle]")
    assert f"{UNDEFINED} shoeSize" in await warnings(api, wanted, ("users", "shoeSize"))
    with pytest.raises(ResourceError, match=r"shoeSize.*The mappings were not written"):
        await converge(api, "update", wanted)
    assert api.done == []


async def test_an_attribute_that_the_template_defines_is_restored() -> None:
    api = OneSchema(schema=without_definition("displayName"))
    wanted = with_user_mapping("displayName", "[displayName]")
    assert UNDEFINED not in await warnings(api, wanted, ("users", "displayName"))
    await converge(api, "update", wanted)
    assert mappings_of(api.live) == wanted


async def test_the_template_is_read_only_where_it_is_needed() -> None:
    api = OneSchema()
    api.is_template_readable = False
    await converge(api, "update")
    assert mappings_of(api.live) == WANTED


WRONG = with_user_mapping("externalId", "[mailNickname]")
UNMAPPED = WANTED.model_copy(
    update={"users": {name: one for name, one in WANTED.users.items() if name != "externalId"}}
)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [(WRONG, r"externalId comes from \[mailNickname\]"), (UNMAPPED, r"users\.externalId is not mapped")],
)
async def test_a_job_that_is_on_gets_no_other_external_ids(wanted: Mappings, said: str) -> None:
    api = OneSchema(job(), DOCUMENTED)
    with pytest.raises(ResourceError, match=f"{said}.*Provisioning is on, so the mappings were not written"):
        await converge(api, "update", wanted)
    assert mappings_of(api.live) == WANTED


async def test_a_job_that_is_off_may_get_other_external_ids() -> None:
    api = OneSchema(PAUSED, DOCUMENTED)
    await converge(api, "update", WRONG)
    assert mappings_of(api.live) == WRONG


async def test_a_job_that_is_on_gets_other_mappings() -> None:
    api = OneSchema(job(), DOCUMENTED)
    await converge(api, "update", SALES)
    assert mappings_of(api.live) == SALES


async def read(api: OneSchema, last: dict[str, Any]) -> Mappings | None:
    found = await resource(api).read(ID, last)
    return found and found[0]


@pytest.mark.parametrize("late", [[TEMPLATE], [DOCUMENTED, TEMPLATE]], ids=["a late answer", "another late answer"])
async def test_a_refresh_believes_an_answer_like_the_state(late: list[dict[str, Any]]) -> None:
    api = OneSchema(schema=DOCUMENTED)
    api.late_schemas = late
    found = await read(api, dump(inputs()))
    assert found is not None
    assert found.users == WANTED.users


async def test_a_refresh_shows_what_two_answers_show() -> None:
    found = await read(OneSchema(schema=TEMPLATE), dump(inputs()))
    assert found is not None
    assert found.users == mappings_of(TEMPLATE).users


@pytest.mark.parametrize(("unknown", "is_gone"), [(1, False), (2, True)])
async def test_mappings_are_gone_when_two_reads_find_none(unknown: int, is_gone: bool) -> None:
    api = OneSchema(schema=DOCUMENTED)
    api.unknown_schemas = unknown
    assert (await read(api, dump(inputs())) is None) is is_gone


@pytest.mark.parametrize(
    ("name", "before", "after", "differs"),
    [
        ("userFilter", 'department EQUALS "sales"', 'department  EQUALS  "sales"', False),
        ("groupFilter", 'displayName EQUALS "sales"', 'displayName  EQUALS  "sales"', False),
        ("userFilter", 'department EQUALS "sales"', 'department EQUALS "it"', True),
    ],
)
def test_filters_are_compared_by_what_they_mean(name: str, before: str, after: str, differs: bool) -> None:
    found = resource(OneSchema()).differences({name: before}, {name: after})
    assert found == ([((name,), "update")] if differs else [])


@pytest.mark.parametrize(
    ("field", "before", "after", "differs"),
    [
        ("source", 'Join("", [givenName], [surname])', 'Join( "",[givenName],[surname] )', False),
        ("source", "[givenName]", "[surname]", True),
        ("defaultValue", 'Join("", [a], [b])', 'Join( "",[a],[b] )', True),
        ("defaultValue", 'a EQUALS "b"', 'a  EQUALS  "b"', True),
    ],
)
def test_sources_are_compared_by_what_they_mean(field: str, before: str, after: str, differs: bool) -> None:
    old, new = ({"users": {"userName": {field: text}}} for text in (before, after))
    found = resource(OneSchema()).differences(old, new)
    assert found == ([(("users", "userName", field), "update")] if differs else [])


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (WANTED, MISSPELLED, ["userFilter"]),
        (SALES, MISSPELLED, ["userFilter"]),
        (WANTED, SALES, []),
        (MISSPELLED, MISSPELLED, []),
        (MISSPELLED, WANTED, []),
        (WANTED, documented.mappings(group_filter='dislayName EQUALS "sales"'), ["groupFilter"]),
    ],
)
async def test_a_preview_refuses_only_a_changed_filter(old: Mappings, new: Mappings, named: list[str]) -> None:
    found = await resource(OneSchema()).problems("a", dump(inputs(old)), dump(inputs(new)))
    assert [name for name, _ in found] == named
    assert all("has no attribute" in reason for _, reason in found)


async def test_a_second_resource_for_the_mappings_of_a_job_is_refused() -> None:
    schema = resource(OneSchema())
    assert await schema.problems("a", {}, dump(inputs())) == []
    ((_, reason),) = await schema.problems("b", {}, dump(inputs(MISSPELLED)))
    assert reason.startswith("a manages the same object")


def with_further_mapping(*, enabled: bool) -> dict[str, Any]:
    """The documented schema with a second rule, which maps users by themselves."""
    schema = copy.deepcopy(DOCUMENTED)
    (rule,) = schema["synchronizationRules"]
    further = {**copy.deepcopy(rule), "id": "further", "name": "Further", "priority": 99}
    further["objectMappings"] = [one for one in further["objectMappings"] if one["sourceObjectName"] == "User"]
    for mapping in further["objectMappings"]:
        mapping["enabled"] = enabled
    schema["synchronizationRules"].append(further)
    return schema


async def further_of(api: OneSchema) -> list[str] | None:
    found = await resource(api).read(ID, dump(inputs()))
    assert found is not None
    return found[0].further_mappings


async def test_an_undeclared_further_mapping_is_switched_off() -> None:
    api = OneSchema(schema=with_further_mapping(enabled=True))
    (name,) = await further_of(api) or []
    old, new = {**dump(inputs()), "furtherMappings": [name]}, dump(inputs())
    schema = resource(api)
    assert [path[0] for path, _ in schema.differences(old, new)] == ["furtherMappings"]
    said = "\n".join(await schema.change_warnings(old, new, [("furtherMappings",)]))
    assert "changed mappings start a new initial cycle" in said
    assert f"further mappings of the application are switched off: {name};" in said
    await converge(api, "update")
    assert await further_of(api) is None


async def test_a_declared_further_mapping_stays_on() -> None:
    api = OneSchema(schema=with_further_mapping(enabled=True))
    (name,) = await further_of(api) or []
    wanted = inputs().model_copy(update={"further_mappings": [name]})
    await resource(api).update("", ID, {}, wanted)
    assert await further_of(api) == [name]
    assert api.done == []
    await resource(api).update("", ID, {}, inputs(SALES).model_copy(update={"further_mappings": [name]}))
    assert (await further_of(api), api.done) == ([name], ["put"])


async def test_a_run_waits_until_a_further_mapping_shows_as_off() -> None:
    api = OneSchema(schema=with_further_mapping(enabled=True))
    api.late_after_put = [with_further_mapping(enabled=True)] * 2
    await converge(api, "update")
    assert api.late_schemas == []
    assert await further_of(api) is None


async def test_a_further_mapping_that_is_off_is_not_a_difference() -> None:
    api = OneSchema(schema=with_further_mapping(enabled=False))
    assert await further_of(api) is None
    assert resource(api).differences(dump(inputs()), {**dump(inputs()), "furtherMappings": ["Further"]}) == []


def matched_by(source: str, precedence: int | None, target: str = "userName") -> dict[str, Any]:
    row = {"source": source} | ({"matchingPrecedence": precedence} if precedence else {})
    return {**dump(inputs()), "users": {target: row}, "groups": {}}


MATCH = ("users", "userName")


@pytest.mark.parametrize(
    ("path", "old", "new", "says"),
    [
        ((*MATCH, "source"), matched_by("[a]", 1), matched_by("[b]", 1), True),
        (MATCH, matched_by("[a]", 1), {**dump(inputs()), "users": {}}, True),
        (MATCH, {**dump(inputs()), "users": {}}, matched_by("[a]", 1), True),
        ((*MATCH, "source"), matched_by("[a]", 1), matched_by("[b]", None), True),
        ((*MATCH, "source"), matched_by("[a]", None), matched_by("[b]", None), False),
        ((*MATCH, "defaultValue"), matched_by("[a]", 1), matched_by("[a]", 1), False),
        (("users",), matched_by("[a]", 1), {}, False),
        (("userFilter",), matched_by("[a]", 1), {}, False),
        (("userActions", "create"), {"userActions": {"create": {"matchingPrecedence": 1}}}, {}, False),
    ],
)
async def test_a_preview_says_that_users_are_matched_by_another_source(
    path: tuple[str, ...], old: dict[str, Any], new: dict[str, Any], says: bool
) -> None:
    ids = {"servicePrincipalId": REF.service_principal, "jobId": REF.job}
    told = await resource(OneSchema()).change_warnings({**old, **ids}, {**new, **ids}, [path])
    assert [text.partition(", by which")[0] for text in told if "are matched" in text] == (
        ["the source of users.userName changes"] if says else []
    )


async def test_a_start_knows_that_this_run_writes_the_mappings() -> None:
    schema = resource(OneSchema())
    await schema.problems("a", {}, dump(inputs()))
    assert schema.changes.of(REF.service_principal).parts == {"mappings"}


async def test_a_change_of_the_job_alone_is_not_judged_by_its_mappings() -> None:
    api = OneSchema(schema=DOCUMENTED)
    wanted = with_user_mapping("shoeSize", "[jobTitle]")
    assert await warnings(api, wanted, ("jobId",)) == ""


async def test_a_further_mapping_without_external_ids_starts_no_job() -> None:
    schema = with_further_mapping(enabled=True)
    (mapping,) = schema["synchronizationRules"][-1]["objectMappings"]
    rows = mapping["attributeMappings"]
    mapping["attributeMappings"] = [row for row in rows if row["targetAttributeName"] != "externalId"]
    api = OneSchema(PAUSED, schema)
    (name,) = await further_of(api) or []
    wanted = JobStateInputs(service_principal_id=REF.service_principal, job_id=REF.job)
    with pytest.raises(ResourceError, match=rf"externalId in the further mapping {re.escape(name)} is not mapped"):
        await SynchronizationJobState(api, changes=PausedChanges()).update("", ID, {}, wanted)
    assert (api.done, api.is_on) == ([], False)
