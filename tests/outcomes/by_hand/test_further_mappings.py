"""A second synchronization rule, made with Graph, provisions beside the one that the program declares."""

from __future__ import annotations

from typing import Any

import pytest

from acceptance.company import Company
from eptura_scim.expressions.tree import source_tree
from eptura_scim.mapping.scoping import scope_with
from tests.outcomes.convergence import converged
from tests.outcomes.sandbox import Sandbox

_RULE = "USERGROUP_OUTBOUND_SECOND"
_NAME = f"{_RULE}: User to urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_GIVEN, _EXTERNAL_ID = "name.givenName", "externalId"


def add_rule(sandbox: Sandbox, **changes: Any) -> None:
    """Add a rule of users alone, with other sources or another filter."""

    def edit(schema: dict[str, Any]) -> None:
        [users] = schema["synchronizationRules"][-1]["objectMappings"]
        if "filter" in changes:
            users["scope"] = scope_with(users["scope"], changes["filter"])
        for row in users["attributeMappings"]:
            if row["targetAttributeName"] in changes:
                row["source"] = source_tree(changes[row["targetAttributeName"]])

    sandbox.portal.copy_rule(_RULE)
    sandbox.portal.edit_schema(edit)


def given_names(sandbox: Sandbox) -> set[str]:
    return {user["name"]["givenName"] for user in sandbox.eptura.snapshot().users.values()}


def test_values_of_a_second_rule_are_named_and_repaired(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    add_rule(sandbox, **{_GIVEN: "[surname]"})
    sandbox.cycles()
    assert given_names(sandbox) == {"Abel"}

    preview = sandbox.preview()
    assert preview.changes == ["update SynchronizationSchema"]
    assert any(f"further mappings of the application are switched off: {_NAME}" in text for text in preview.warnings)
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean
    assert len(sandbox.portal.schema()["synchronizationRules"]) == 2


def test_users_let_in_by_a_second_rule_are_disabled(sandbox: Sandbox, company: Company) -> None:
    settings = sandbox.settings(userFilter='department EQUALS "sales"')
    converged(sandbox, company, settings)
    add_rule(sandbox, filter='department EQUALS "it"')
    sandbox.cycles()
    assert len(sandbox.eptura.snapshot().active) == 4
    converged(sandbox, company, settings)
    assert sandbox.preview(settings).clean


@pytest.mark.parametrize("target", ["", ":SynchronizationJobState"])
def test_no_job_starts_with_the_external_ids_of_a_second_rule(sandbox: Sandbox, company: Company, target: str) -> None:
    assert sandbox.up(sandbox.settings(provisioning="off")).succeeded
    add_rule(sandbox, **{_EXTERNAL_ID: "[mailNickname]"})
    run = sandbox.up(sandbox.settings(), target=target)
    assert ("externalId in the further mapping" in run.error) == bool(target)
    sandbox.cycles()
    assert company.wanted(sandbox.settings()).wrong_keys(sandbox.eptura.snapshot()) == []
    converged(sandbox, company, sandbox.settings())
