"""Two stacks manage one application, or two of one name in one tenant."""

from __future__ import annotations

import pulumi

from acceptance.company import Company, harm
from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.settings import Settings
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.program import NAME, Program
from tests.outcomes.sandbox import Sandbox


def test_a_preview_names_what_another_stack_changed(sandbox: Sandbox, company: Company) -> None:
    wide, narrow = sandbox.settings(), sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"))
    converged(sandbox, company, wide)
    states = {"first": sandbox.engine.state, "second": list(sandbox.engine.state)}
    sandbox.eptura.journal.clear()
    for stack, settings in (("second", narrow), ("first", wide), ("second", narrow)):
        sandbox.engine.state = states[stack]
        preview = sandbox.preview(settings)
        assert "update SynchronizationSecrets" in preview.changes
        assert any("the scope" in warning for warning in preview.warnings)
        run = sandbox.up(settings, cycle_at=EVERY_CALL)
        assert run.succeeded, run.error
        states[stack] = sandbox.engine.state
        converged(sandbox, company, settings)
    assert harm(sandbox.eptura.journal, [company.wanted(wide), company.wanted(narrow)]) == []


class TwoApplications:
    """Two stacks of one tenant, with applications of one name; the second one provisions to the other address."""

    def __init__(self, sandbox: Sandbox, company: Company) -> None:
        self.sandbox, self.company = sandbox, company
        self.first, self.second = sandbox.settings(), sandbox.settings(tenantUrl=sandbox.other_eptura.url)
        assert sandbox.up(self.second).succeeded
        self._second_state, sandbox.engine.state = sandbox.engine.state, []
        assert sandbox.up(self.first).succeeded
        self.are_right()

    def turn(self) -> None:
        """Run the other stack from now on; the first one is run at the beginning."""
        engine = self.sandbox.engine
        engine.state, self._second_state = self._second_state, engine.state

    def are_right(self) -> None:
        """See at both addresses what their stacks declare, after cycles."""
        self.sandbox.cycles()
        assert self.company.wanted(self.first).problems(self.sandbox.eptura.snapshot()) == []
        assert self.company.wanted(self.second).problems(self.sandbox.other_eptura.snapshot()) == []

    def job_of_the_second(self) -> str:
        """The resource id of its job."""
        return next(record.id for record in self._second_state if record.type.endswith(":SynchronizationJob"))


def importing(settings: Settings, job: str) -> Program:
    """A program that imports a job."""

    def transform(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not given.type_.endswith(":SynchronizationJob"):
            return None
        options = pulumi.ResourceOptions.merge(given.opts, pulumi.ResourceOptions(import_=job))
        return pulumi.ResourceTransformationResult(given.props, options)

    return lambda: EpturaScimProvisioning(NAME, settings, pulumi.ResourceOptions(transformations=[transform]))


def test_a_stack_touches_no_other_application_of_its_name(sandbox: Sandbox, company: Company) -> None:
    stacks = TwoApplications(sandbox, company)
    before = sandbox.other_eptura.snapshot()
    stacks.first = sandbox.settings(scope="assigned", assignedGroups=company.id("Sales"), phoneWork="rfc3966")
    assert sandbox.up(stacks.first, cycle_at=EVERY_CALL).succeeded
    stacks.are_right()
    run = sandbox.destroy()
    assert run.succeeded, run.error
    assert len(sandbox.applications()) == 1
    sandbox.cycles()
    assert sandbox.other_eptura.snapshot() == before
    stacks.turn()
    preview = sandbox.preview(stacks.second)
    assert (preview.clean, preview.warnings) == (True, [])


def test_an_imported_job_of_another_stack_is_named_and_kept(sandbox: Sandbox, company: Company) -> None:
    stacks = TwoApplications(sandbox, company)
    run = sandbox.up(importing(stacks.first, stacks.job_of_the_second()), cycle_at=EVERY_CALL)
    assert "may not be replaced" in run.error
    said = "run `pulumi state delete` for the SynchronizationJob first"
    assert [text for text in sandbox.preview(stacks.first).warnings if said in text] != []

    sandbox.engine.state = [found for found in sandbox.engine.state if not found.type.endswith(":SynchronizationJob")]
    run = sandbox.up(stacks.first, cycle_at=EVERY_CALL)
    assert run.succeeded, run.error
    stacks.are_right()
    assert sandbox.preview(stacks.first).clean
    stacks.turn()
    assert sandbox.preview(stacks.second).clean
