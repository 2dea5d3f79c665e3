"""What a simulation shows is what a cycle sends: over each function, both kinds of object, and generated mappings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eptura_scim.expressions.functions import FUNCTIONS
from eptura_scim.expressions.tree import source_tree
from eptura_scim.local_entra.provisioning.job_config import creation_body
from eptura_scim.local_entra.provisioning.target import TargetError
from eptura_scim.mapping import mappings_of
from eptura_scim.mapping.rules import object_mapping
from eptura_scim.simulation.preview import Preview, preview
from eptura_scim.types import Json, Kind, copied
from tests.examples import examples
from tests.integration.local_entra.cycle_tenant import CycleTenant
from tests.unit.expressions.test_properties import expressions

# Each function once, and each with a result that is the same at every evaluation.
EXPRESSIONS = [
    'Append([givenName], "!")',
    "BitAnd(7, 5)",
    'CBool([givenName] = "Ann")',
    'CDate("2020-03-16")',
    'Coalesce([jobTitle], "none")',
    "ConvertToBase64([givenName])",
    "ConvertToUTF8Hex([givenName])",
    "Count([otherMails])",
    "CStr(Len([givenName]))",
    'DateAdd("d", 1, "2020-03-16")',
    'DateDiff("d", "2020-03-16", "2020-03-18")',
    'DateFromNum("132288192000000000")',
    "DefaultDomain()",
    'FormatDateTime("2020-03-16", , "yyyy-MM-dd", "M/d/yyyy")',
    "Len(Guid())",
    "IgnoreFlowIfNullOrEmpty([givenName])",
    'IIF([givenName] = "Ann", "yes", "no")',
    'InStr([givenName], "n")',
    "IsNothing([jobTitle])",
    "IsNull([jobTitle])",
    "IsNullOrEmpty([jobTitle])",
    "IsPresent([jobTitle])",
    "IsString([givenName])",
    "Item([otherMails], 2)",
    'Join("-", [givenName], [surname])',
    "Left([givenName], 2)",
    "Mid([givenName], 2, 1)",
    'NormalizeDiacritics("Zoë")',
    'Not("True")',
    "Now()",
    'NumFromDate("2020-03-16T00:00:00Z")',
    'PCase("ann abel")',
    'Prepend("x", [givenName])',
    "Len(RandomString(12, 1, 1, 1, 1))",
    "Redact([givenName])",
    'Join(",", RemoveDuplicates([otherMails]))',
    'Replace([givenName], "A", , , "E", , )',
    'SelectUniqueValue([givenName], "other")',
    'Item(Split("a,b", ","), 1)',
    'StripSpaces("a b")',
    'Switch([IsSoftDeleted], , "False", "in", "True", "out")',
    "ToLower([givenName])",
    "ToUpper([givenName])",
    'Word("one two", 2, " ")',
    "[accountEnabled]",
]
ROLES = ["AppRoleAssignmentsComplex", "AssertiveAppRoleAssignmentsComplex", "SingleAppRoleAssignment"]
NOT_DOCUMENTED = "AppRoleAssignments"
TEXT_TARGETS = [
    "title",
    "displayName",
    "preferredLanguage",
    "name.formatted",
    'addresses[type eq "work"].formatted',
    'addresses[type eq "work"].streetAddress',
    'addresses[type eq "work"].locality',
    'addresses[type eq "work"].region',
    'addresses[type eq "work"].postalCode',
]


def simulated(tenant: CycleTenant, kind: Kind, entry: Mapping[str, Any], schema: Json | None = None) -> Preview:
    mappings = mappings_of(tenant.portal.schema() if schema is None else schema)
    return preview(mappings, kind, entry, tenant.now, default_domain=tenant.entra.tenant.domain)


def test_each_function_is_in_the_table() -> None:
    used = set(re.findall(r"(\w+)\(", " ".join(EXPRESSIONS)))
    assert used == FUNCTIONS.keys() - {*ROLES, NOT_DOCUMENTED}


async def test_a_cycle_creates_users_with_the_simulated_payload() -> None:
    for start in range(0, len(EXPRESSIONS), len(TEXT_TARGETS)):
        tenant = CycleTenant()
        for target, source in zip(TEXT_TARGETS, EXPRESSIONS[start:], strict=False):
            tenant.portal.set_user_source(target, source)
        ann = tenant.user("ann", otherMails=["a@x.example", "b@x.example", "a@x.example"])
        shown = simulated(tenant, "User", tenant.people.user(ann))
        await tenant.cycle()
        [sent] = [it.body for it in tenant.sent if it.method == "POST"]
        assert sent == shown.payload
        assert not shown.problems
        assert not shown.not_judged
        [resource] = tenant.resources()
        assert resource["userName"] == "ann@contoso.example"


async def test_a_cycle_creates_groups_with_the_simulated_payload() -> None:
    tenant = CycleTenant()
    tenant.portal.set_group_source("displayName", 'Append([displayName], CDate("2020-03-16"))')
    staff = tenant.group("staff", tenant.user("ann"))
    shown = simulated(tenant, "Group", tenant.people.group(staff))
    await tenant.cycle()
    [sent] = [it.body for it in tenant.sent if it.method == "POST" and it.path == "Groups"]
    assert sent == shown.payload
    assert sent is not None
    assert sent["displayName"] == "staff3/16/2020 12:00:00 AM"


TENANT = CycleTenant()
ANN = TENANT.user("ann", otherMails=["a@x.example"], jobTitle="", accountEnabled=True)
STAFF = TENANT.group("staff")
SCHEMA = TENANT.portal.schema()


def with_sources(kind: Kind, sources: list[tuple[str, Json, str | None]]) -> Json:
    schema = copied(SCHEMA)
    mapping = object_mapping(schema, kind)
    assert mapping is not None
    rows = {row["targetAttributeName"]: row for row in mapping["attributeMappings"]}
    for target, tree, default in sources:
        rows[target]["source"], rows[target]["defaultValue"] = tree, default
    return schema


def agree(kind: Kind, entry: Mapping[str, Any], schema: Json) -> None:
    shown = simulated(TENANT, kind, entry, schema)
    try:
        body = creation_body(schema, kind, entry, TENANT.entra.clock, TENANT.entra.tenant)
    except TargetError as error:
        whys = {line.flow.why for line in shown.lines}
        assert whys & {"failed", "notJudged"} or any(not problem.attribute for problem in shown.problems), error.message
    else:
        assert body == shown.payload


defaults = st.sampled_from([None, "", "True", "a default"])
deterministic = expressions.filter(lambda made: not re.search("Guid|RandomString|IgnoreObjectFlow", str(made)))
sources = st.lists(
    st.tuples(st.sampled_from([*TEXT_TARGETS, "active", "userName"]), deterministic.map(source_tree), defaults),
    max_size=4,
)


@examples(30)
@given(sources)
def test_generated_mappings_of_users_give_the_same_payload(changed: list[tuple[str, Json, str | None]]) -> None:
    agree("User", TENANT.people.user(ANN), with_sources("User", changed))


@examples(20)
@given(
    st.lists(
        st.tuples(st.sampled_from(["displayName", "externalId"]), deterministic.map(source_tree), defaults), max_size=2
    )
)
def test_generated_mappings_of_groups_give_the_same_payload(changed: list[tuple[str, Json, str | None]]) -> None:
    agree("Group", TENANT.people.group(STAFF), with_sources("Group", changed))
