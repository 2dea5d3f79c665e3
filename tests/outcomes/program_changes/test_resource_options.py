"""What a program of one's own does to our resources: other names, one job declared twice, Pulumi's resource options."""

from __future__ import annotations

import pulumi
import pulumi_azuread as azuread
import pytest

from acceptance.company import Company, harm
from eptura_scim import documented
from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.resources import (
    SynchronizationJob,
    SynchronizationJobState,
    SynchronizationSchema,
    SynchronizationSecrets,
)
from eptura_scim.settings import Settings
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.program import NAME, Program
from tests.outcomes.sandbox import Sandbox

OURS = ("SynchronizationJob", "SynchronizationSecrets", "SynchronizationSchema", "SynchronizationJobState")


def provisioning(settings: Settings, *names: str) -> Program:
    """A program that declares our resources for one application, once for each name."""

    def declare() -> None:
        application = azuread.ApplicationFromTemplate(
            "app", display_name="Eptura", template_id=documented.NON_GALLERY_TEMPLATES["public"]
        )
        client_id = application.application_object_id.apply(lambda found: azuread.get_application(object_id=found))
        principal = azuread.ServicePrincipal("app", client_id=client_id.client_id, use_existing=True)
        for name in names:
            job = SynchronizationJob(name, service_principal_id=principal.id)
            secrets = SynchronizationSecrets(
                name,
                service_principal_id=principal.id,
                job_id=job.id,
                tenant_url=settings.tenant_url,
                secret_token=settings.secret_token.get_secret_value(),
                scope=settings.scope,
            )
            schema = SynchronizationSchema(
                name,
                service_principal_id=principal.id,
                job_id=job.id,
                mappings=settings.mappings.model_dump(by_alias=True),
                opts=pulumi.ResourceOptions(depends_on=[secrets]),
            )
            last = pulumi.ResourceOptions(depends_on=[schema])
            SynchronizationJobState(name, service_principal_id=principal.id, job_id=job.id, opts=last)

    return declare


def with_options(settings: Settings, kinds: tuple[str, ...], options: pulumi.ResourceOptions) -> Program:
    """A program whose resources of some kinds have further options."""

    def transform(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not given.type_.endswith(kinds):
            return None
        return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, options))

    return lambda: EpturaScimProvisioning(NAME, settings, pulumi.ResourceOptions(transformations=[transform]))


def replacing(settings: Settings, *, deletes_first: bool) -> Program:
    """A program in which each change of our resources replaces them."""
    options = pulumi.ResourceOptions(replace_on_changes=["*"], delete_before_replace=deletes_first)
    return with_options(settings, OURS, options)


def test_resources_under_other_names_keep_the_job_and_all_users(sandbox: Sandbox, company: Company) -> None:
    settings = sandbox.settings()
    assert sandbox.up(provisioning(settings, "old")).succeeded
    sandbox.cycles()
    before, jobs = sandbox.eptura.snapshot(), sandbox.portal.jobs()
    run = sandbox.up(provisioning(settings, "new"), cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    assert "delete SynchronizationJob" in run.changes
    sandbox.cycles()
    assert sandbox.eptura.snapshot() == before
    assert sandbox.portal.jobs() == jobs
    assert sandbox.portal.job()["schedule"]["state"] == "Active"
    assert company.wanted(settings).problems(before) == []
    assert sandbox.preview(provisioning(settings, "new")).clean


def test_two_resources_that_manage_one_job_are_refused(sandbox: Sandbox) -> None:
    settings = sandbox.settings()
    run = sandbox.up(provisioning(settings, "one", "two"))
    assert "SynchronizationJob::one manages the same object: remove one of the two resources" in run.error
    assert sandbox.cycles() == []

    assert sandbox.up(provisioning(settings, "one")).succeeded
    preview = sandbox.preview(provisioning(settings, "one", "two"))
    assert "SynchronizationJob::one manages the same object" in preview.error


@pytest.mark.parametrize("deletes_first", [False, True], ids=["taken over", "deleted first"])
@pytest.mark.parametrize(
    "changes",
    [
        {"scope": "assigned", "assignedGroups": "Sales"},
        {"scope": "assigned", "assignedGroups": "Everyone", "userFilter": 'department EQUALS "it"'},
    ],
    ids="+".join,
)
def test_a_change_that_replaces_resources_reaches_all_users(
    sandbox: Sandbox, company: Company, changes: dict[str, str], deletes_first: bool
) -> None:
    before, after = sandbox.settings(), sandbox.settings(**company.with_ids(changes))
    assert sandbox.up(replacing(before, deletes_first=deletes_first)).succeeded
    sandbox.cycles()
    sandbox.eptura.journal.clear()
    run = sandbox.up(replacing(after, deletes_first=deletes_first), cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    assert "replace SynchronizationSecrets" in run.changes
    sandbox.cycles()
    assert company.wanted(after).problems(sandbox.eptura.snapshot()) == []
    assert harm(sandbox.eptura.journal, [company.wanted(before), company.wanted(after)]) == []
    assert sandbox.preview(replacing(after, deletes_first=deletes_first)).clean


def test_a_replacement_deleting_first_forgets_the_old_links(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    assert sandbox.up(replacing(moved, deletes_first=True), cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert sandbox.eptura.snapshot() == before


@pytest.mark.parametrize("spelling", ["{principal}/{job}", "/servicePrincipals/{principal}/synchronization/jobs/{job}"])
def test_an_import_of_the_job_that_the_stack_has_keeps_it(sandbox: Sandbox, company: Company, spelling: str) -> None:
    converged(sandbox, company, sandbox.settings())
    jobs = sandbox.portal.jobs()
    named = spelling.format(principal=sandbox.portal.service_principal()["id"], job=jobs[0])
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    program = with_options(narrow, (":SynchronizationJob",), pulumi.ResourceOptions(import_=named))
    run = sandbox.up(program, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    assert sandbox.portal.jobs() == jobs
    sandbox.cycles()
    assert company.wanted(narrow).problems(sandbox.eptura.snapshot()) == []
    assert sandbox.preview(program).clean


def test_a_job_that_gives_way_to_an_imported_one_is_deleted(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    other = sandbox.portal.create_job()
    named = f"/servicePrincipals/{sandbox.portal.service_principal()['id']}/synchronization/jobs/{other}"
    imported = pulumi.ResourceOptions(import_=named)
    run = sandbox.up(with_options(sandbox.settings(), (":SynchronizationJob",), imported))
    assert run.succeeded, run.error
    assert sandbox.portal.jobs() == [other]
    sandbox.cycles()
    assert company.wanted(sandbox.settings()).problems(sandbox.eptura.snapshot()) == []


@pytest.mark.parametrize("pauses", [False, True], ids=["running", "paused before"])
def test_a_retained_state_lets_destroy_disable_users(sandbox: Sandbox, company: Company, pauses: bool) -> None:
    settings = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    retained = (":SynchronizationJobState", ":SynchronizationSecrets")
    assert sandbox.up(with_options(settings, retained, pulumi.ResourceOptions(retain_on_delete=True))).succeeded
    sandbox.cycles()
    before = sandbox.eptura.snapshot()
    assert company.wanted(settings).problems(before) == []
    if pauses:
        sandbox.portal.stop()
    run = sandbox.destroy(cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    assert (sandbox.eptura.snapshot() == before) == pauses
    assert (sandbox.eptura.snapshot().active == {}) == (not pauses)
