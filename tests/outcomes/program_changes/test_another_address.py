"""The tenant URL changes, from a test Eptura to the real one, say: Entra's links point at ids of the old address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from acceptance.company import Company
from tests.outcomes.convergence import EVERY_CALL, converged
from tests.outcomes.sandbox import Sandbox


def test_a_new_address_gets_all_users_and_the_old_keeps_its_own(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    assert any("Entra forgets its links" in warning for warning in sandbox.preview(moved).warnings)
    assert sandbox.up(moved, cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert sandbox.eptura.snapshot() == before
    assert sandbox.preview(moved).clean


def test_the_next_run_completes_a_move_cut_before_the_restart(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    before = sandbox.eptura.snapshot()
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    sandbox.kill_before(r"/secrets$", r"POST .*/restart$")
    assert sandbox.up(moved).killed
    sandbox.cycles()
    assert sandbox.other_eptura.snapshot().users == {}
    assert sandbox.up(moved).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert sandbox.eptura.snapshot() == before


def fill_with_ids_of_others(sandbox: Sandbox, journal: Path) -> dict[str, str]:
    """Have the users at the other address, each with the id that another has at the first; their names by id."""
    users = list(sandbox.eptura.snapshot().users.values())
    ids = [user["id"] for user in users]
    others = [{**user, "id": id} for user, id in zip(users, [*ids[1:], ids[0]], strict=True)]
    sandbox.fill_other_eptura(others, journal)
    return {user["id"]: user["userName"] for user in others}


@pytest.mark.parametrize("is_cut", [False, True])
def test_ids_of_other_accounts_at_the_new_address_mix_up_no_user(
    sandbox: Sandbox, company: Company, tmp_path: Path, is_cut: bool
) -> None:
    converged(sandbox, company, sandbox.settings())
    names = fill_with_ids_of_others(sandbox, tmp_path / "other.jsonl")
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    if is_cut:
        sandbox.kill_before(r"/secrets$", r"POST .*/restart$")
        assert sandbox.up(moved).killed
    assert sandbox.up(moved).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert {id: user["userName"] for id, user in sandbox.other_eptura.snapshot().users.items()} == names


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_move_with_a_masked_tenant_url_mixes_up_no_user(
    sandbox: Sandbox, company: Company, tmp_path: Path, is_cut: bool
) -> None:
    sandbox.mask_tenant_url()
    converged(sandbox, company, sandbox.settings())
    assert sandbox.preview().clean
    names = fill_with_ids_of_others(sandbox, tmp_path / "other.jsonl")
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    assert any("Entra forgets its links" in warning for warning in sandbox.preview(moved).warnings)
    if is_cut:
        sandbox.kill_before(r"/secrets$", r"POST .*/restart$")
        assert sandbox.up(moved).killed
    assert sandbox.up(moved, cycle_at=EVERY_CALL).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert {id: user["userName"] for id, user in sandbox.other_eptura.snapshot().users.items()} == names
    assert sandbox.preview(moved).clean


def test_a_masked_tenant_url_keeps_links_at_a_narrower_scope(sandbox: Sandbox, company: Company) -> None:
    sandbox.mask_tenant_url()
    converged(sandbox, company, sandbox.settings())
    converged(sandbox, company, sandbox.settings(scope="assigned", assignedUsers=company.id("dan")))
    assert sandbox.portal.restarts() == [["Watermark", "Escrows", "QuarantineState"]]


@pytest.mark.parametrize("refresh", [True, False])
def test_a_move_while_off_from_unknown_address_mixes_up_no_user(
    sandbox: Sandbox, company: Company, tmp_path: Path, refresh: bool
) -> None:
    converged(sandbox, company, sandbox.settings())
    names = fill_with_ids_of_others(sandbox, tmp_path / "other.jsonl")
    sandbox.engine.state = [
        replace(record, outputs={name: value for name, value in record.outputs.items() if name != "linkedTo"})
        for record in sandbox.engine.state
    ]
    moved = {"tenantUrl": sandbox.other_eptura.url}
    assert sandbox.up(sandbox.settings(**moved, provisioning="off"), refresh=refresh).succeeded
    assert sandbox.up(sandbox.settings(**moved), refresh=refresh).succeeded
    sandbox.cycles()
    assert company.wanted(sandbox.settings(**moved)).problems(sandbox.other_eptura.snapshot()) == []
    assert {id: user["userName"] for id, user in sandbox.other_eptura.snapshot().users.items()} == names


@pytest.mark.parametrize("cut_at", [r"PUT .*/secrets$", r"DELETE .*/jobs/"], ids=["before secrets", "after secrets"])
def test_a_move_after_a_cut_destroy_mixes_up_no_user(
    sandbox: Sandbox, company: Company, tmp_path: Path, cut_at: str
) -> None:
    converged(sandbox, company, sandbox.settings())
    names = fill_with_ids_of_others(sandbox, tmp_path / "other.jsonl")
    sandbox.kill_before(r"/pause$", cut_at)
    assert sandbox.destroy().killed
    moved = sandbox.settings(tenantUrl=sandbox.other_eptura.url)
    assert sandbox.up(moved).succeeded
    sandbox.cycles()
    assert company.wanted(moved).problems(sandbox.other_eptura.snapshot()) == []
    assert {id: user["userName"] for id, user in sandbox.other_eptura.snapshot().users.items()} == names


def test_a_narrower_scope_after_a_cut_destroy_keeps_the_links(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.kill_before(r"/pause$", r"DELETE .*/jobs/")
    assert sandbox.destroy().killed
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    assert sandbox.up(narrow).succeeded
    converged(sandbox, company, narrow)


def test_a_flag_appended_to_the_tenant_url_keeps_the_links(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.portal.set_tenant_url(f"{sandbox.eptura.url}?aadOptscim062020")
    sandbox.cycles()
    narrow = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    assert not any("Entra forgets its links" in warning for warning in sandbox.preview(narrow).warnings)
    converged(sandbox, company, narrow)


def test_a_preview_of_a_move_says_who_stays_at_the_new_address(sandbox: Sandbox, company: Company) -> None:
    converged(sandbox, company, sandbox.settings())
    sandbox.kill_before(r"/secrets$", r"POST .*/restart$")
    assert sandbox.up(sandbox.settings(tenantUrl=sandbox.other_eptura.url)).killed
    back = sandbox.settings(scope="assigned", assignedUsers=company.id("dan"))
    told = sandbox.preview(back).warnings
    assert any("so do those who are at the new one and not in scope" in warning for warning in told)
    assert not any("will be disabled" in warning for warning in told)
    assert sandbox.up(back).succeeded
    sandbox.cycles()
    assert set(sandbox.eptura.snapshot().active) == set(company.wanted(sandbox.settings()).users)
