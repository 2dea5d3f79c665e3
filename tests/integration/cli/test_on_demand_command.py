"""`eptura-scim provision-on-demand` against a local Entra that provisions into its SCIM server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from eptura_scim.cli.app import app
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import ForbiddenError
from eptura_scim.graph.on_demand import RateLimit
from eptura_scim.jobs.errors import NothingDoneError
from eptura_scim.jobs.locate import JobSelector, JobSession, open_job
from eptura_scim.jobs.on_demand import OnDemand, OnDemandOptions
from eptura_scim.jobs.on_demand_report import OnDemandReport
from eptura_scim.local_entra import LocalEntra

Eptura = Callable[..., Result]


@pytest.fixture(autouse=True)
def all_users_and_groups(connected: LocalEntra) -> None:
    """All users and groups are in scope, with the documented externalId."""
    connected.portal.set_scope("all")
    connected.portal.set_user_source("externalId", "[objectId]")
    connected.portal.enable_groups()


@pytest.fixture
def adele(entra: LocalEntra) -> str:
    return user(entra, "adele", mail="adele@eptura.example")


def user(entra: LocalEntra, name: str, **more: object) -> str:
    added = entra.people.add_user(
        userPrincipalName=f"{name}@contoso.example", displayName=name.title(), givenName=name, surname="Vance", **more
    )
    return str(added["id"])


def group(entra: LocalEntra, name: str, *members: str) -> str:
    added = str(entra.people.add_group(displayName=name)["id"])
    if members:
        entra.people.add_member(added, *members)
    return added


def principal(entra: LocalEntra) -> str:
    return str(entra.portal.service_principal()["id"])


@pytest.fixture
def eptura(entra: LocalEntra) -> Eptura:
    def run(*arguments: str, answer: str | None = None) -> Result:
        entra.calls.clear()
        return CliRunner().invoke(
            app,
            ["provision-on-demand", "--service-principal", principal(entra), *arguments],
            env=dict(entra.environment),
            input=answer,
        )

    return run


def sent(entra: LocalEntra) -> int:
    return len([call for call in entra.calls if call.action == "provisionOnDemand"])


def test_a_user_arrives_with_the_documented_external_id(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    seen = eptura("adele@contoso.example")
    assert seen.exit_code == 0, seen.output
    assert seen.stdout.startswith(f"User adele@contoso.example (Adele, {adele})\n  Import    Success")
    assert f"    externalId: {adele}\n" in seen.stdout
    assert "Provisioned (Create); its id at Eptura is" in seen.stdout
    again = eptura("adele@contoso.example")
    assert again.exit_code == 0
    assert again.stdout.endswith("  Nothing to do: Entra and Eptura match already\n")


@pytest.mark.parametrize("key", ["result", "status info"])
def test_both_shapes_of_the_answer_are_read(entra: LocalEntra, eptura: Eptura, adele: str, key: str) -> None:
    entra.switches.provision_on_demand_key = "status info" if key == "status info" else "result"
    assert json.loads(eptura(adele, "--json").stdout)["outcome"] == "provisioned"
    assert json.loads(eptura(adele, "--json").stdout)["outcome"] == "nothingToDo"


@pytest.mark.parametrize("name", ["adele@contoso.example", "ADELE@contoso.example", "adele@eptura.example", "id"])
def test_a_user_is_named_by_principal_name_mail_or_id(eptura: Eptura, adele: str, name: str) -> None:
    seen = json.loads(eptura(adele if name == "id" else name, "--json").stdout)
    assert (seen["kind"], seen["objectId"]) == ("User", adele)


@pytest.mark.parametrize("by_id", [True, False], ids=["id", "name"])
def test_a_group_is_named_by_display_name_or_id(entra: LocalEntra, eptura: Eptura, by_id: bool) -> None:
    entra.switches.matching_special_characters = "sent"
    sales = group(entra, "Sales & O'Neil")
    seen = json.loads(eptura(sales if by_id else "Sales & O'Neil", "--json").stdout)
    assert (seen["kind"], seen["objectId"], seen["outcome"]) == ("Group", sales, "provisioned")


def test_names_that_several_groups_have_are_listed(entra: LocalEntra, eptura: Eptura) -> None:
    twins = [group(entra, "Sales"), group(entra, "Sales")]
    seen = eptura("Sales")
    assert (seen.exit_code, sent(entra)) == (1, 0)
    assert isinstance(seen.exception, NothingDoneError)
    assert str(seen.exception).splitlines() == [
        "'Sales' names 2 groups; give the object id of one:",
        *[f"  {twin} Sales" for twin in twins],
    ]


@pytest.mark.parametrize("name", ["nobody@contoso.example", "Nothing", "11111111-1111-1111-1111-111111111111"])
def test_an_unknown_name_is_named(entra: LocalEntra, eptura: Eptura, name: str) -> None:
    seen = eptura(name)
    assert (seen.exit_code, sent(entra)) == (1, 0)
    assert f"{name!r} is neither a user's userPrincipalName" in str(seen.exception)


def test_a_groups_members_go_along_five_at_a_time(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    others = [user(entra, f"user{number}") for number in range(6)]
    group(entra, "Sales", adele, *others, group(entra, "Nested"))
    seen = json.loads(eptura("Sales", "--json").stdout)
    assert [len(request["members"]) for request in seen["requests"]] == [5, 2]
    assert (seen["outcome"], seen["membersLeft"]) == ("provisioned", 0)
    assert seen["warnings"] == ["not users: 1 direct member. Entra does not provision nested groups"]


@pytest.mark.parametrize(("members", "requests", "left"), [("0", [0], 0), ("3", [3], 4), ("6", [5, 1], 1)])
def test_fewer_members_can_be_sent(
    entra: LocalEntra, eptura: Eptura, members: str, requests: list[int], left: int
) -> None:
    group(entra, "Sales", *[user(entra, f"user{number}") for number in range(7)])
    seen = json.loads(eptura("Sales", "--members", members, "--json").stdout)
    assert [len(request["members"]) for request in seen["requests"]] == requests
    assert seen["membersLeft"] == left


def test_a_big_group_is_asked_about(entra: LocalEntra, eptura: Eptura) -> None:
    group(entra, "Everybody", *[user(entra, f"user{number}") for number in range(51)])
    for answer in ("n\n", ""):
        seen = eptura("Everybody", answer=answer)
        assert (seen.exit_code, sent(entra)) == (1, 0)
        assert "51 members need 11 requests" in seen.stderr
        assert "--yes confirms beforehand" in str(seen.exception)


def test_who_is_not_assigned_is_not_sent_unless_asked_for(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_scope("assigned")
    seen = eptura(adele)
    assert (seen.exit_code, sent(entra)) == (3, 0)
    assert "Nothing was sent: it is not assigned" in seen.stdout
    seen = eptura(adele, "--unassigned")
    assert (seen.exit_code, sent(entra)) == (3, 1)
    assert "Skipped:" in seen.stdout
    assert "(NotEffectivelyEntitled)" in seen.stdout
    entra.people.assign(principal(entra), adele)
    assert eptura(adele).exit_code == 0


def test_a_scope_that_is_not_set_is_a_warning(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal._save(SyncAll="")
    assert "warning: the job's scope is not set" in eptura(adele).stdout


def test_an_assignment_through_a_group_counts(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_scope("assigned")
    entra.people.assign(principal(entra), group(entra, "Sales", adele))
    assert json.loads(eptura(adele, "--json").stdout)["outcome"] == "provisioned"


def test_another_external_id_is_refused_unless_forced(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_user_source("externalId", "[mailNickname]")
    seen = eptura(adele)
    assert (seen.exit_code, sent(entra)) == (1, 0)
    assert "Eptura never changes an externalId" in str(seen.exception)
    forced = eptura(adele, "--force")
    assert (forced.exit_code, sent(entra)) == (0, 1)
    assert "warning: users.externalId comes from [mailNickname]" in forced.stdout


def test_groups_that_are_switched_off_are_not_sent(entra: LocalEntra, eptura: Eptura) -> None:
    entra.portal.disable_groups()
    group(entra, "Sales")
    seen = eptura("Sales")
    assert (seen.exit_code, sent(entra)) == (1, 0)
    assert "groups are not provisioned by this job" in str(seen.exception)


def test_a_schema_without_the_mapping_of_a_kind_is_explained(entra: LocalEntra, eptura: Eptura) -> None:
    def without_groups(schema: dict[str, Any]) -> None:
        for rule in schema["synchronizationRules"]:
            rule["objectMappings"] = [one for one in rule["objectMappings"] if one["sourceObjectName"] != "Group"]

    entra.portal.edit_schema(without_groups)
    group(entra, "Sales")
    seen = eptura("Sales")
    assert (seen.exit_code, sent(entra)) == (1, 0)
    assert "groups are not provisioned by this job" in str(seen.exception)


def test_the_flag_of_the_tenant_url_is_warned_of(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_tenant_url(f"{entra.scim.url}?aadOptscim062020")
    assert "warning: the tenant URL has the flag aadOptscim062020" in eptura(adele).stdout


def test_a_failure_at_the_target_says_why(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_secret_token("revoked")
    seen = eptura(adele)
    assert seen.exit_code == 4
    assert "Failed:" in seen.stdout


def test_a_user_costs_four_calls(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    job = str(entra.portal.job()["id"])
    eptura(adele, "--job", job)
    calls = [call for call in entra.calls if call.area not in {"metadata", "login"}]
    assert [call.action for call in calls][1:] == ["secrets", "schema", "provisionOnDemand"]
    assert len(calls) == 4


def test_two_permissions_suffice_and_a_missing_one_is_named(entra: LocalEntra, eptura: Eptura, adele: str) -> None:
    entra.portal.set_scope("assigned")
    entra.people.assign(principal(entra), group(entra, "Sales", adele))
    entra.permissions.only("Synchronization.ReadWrite.All", "Directory.Read.All")
    assert eptura("Sales").exit_code == 0
    assert eptura(adele).exit_code == 0
    entra.permissions.only("Synchronization.ReadWrite.All")
    seen = eptura("adele@contoso.example")
    assert isinstance(seen.exception, ForbiddenError)
    assert "The identity needs the application permission Directory.Read.All" in str(seen.exception)


class Waiting:
    """A clock that sleeping moves on; something may happen meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.happens: Callable[[], object] = lambda: None

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.happens()

    @property
    def consistency(self) -> Consistency:
        return Consistency(clock=lambda: self.now, sleep=self.sleep)

    async def provision(self, place: JobSession, name: str, wait: float) -> OnDemandReport:
        rate_limit = RateLimit(clock=lambda: self.now, sleep=self.sleep)
        sending = OnDemand(
            place,
            OnDemandOptions(wait=wait),
            say=lambda line: None,
            confirm=lambda: False,
            time=self.consistency,
            rate_limit=rate_limit,
        )
        return await sending.provision(name)


@pytest.fixture
async def place(entra: LocalEntra) -> AsyncIterator[JobSession]:
    async with open_job(JobSelector(principal(entra)), entra.environment) as found:
        yield found


async def test_an_assignment_that_appears_is_waited_for(entra: LocalEntra, place: JobSession, adele: str) -> None:
    entra.portal.set_scope("assigned")
    waiting = Waiting()
    waiting.happens = lambda: len(waiting.slept) == 4 and entra.people.assign(principal(entra), adele)
    seen = await waiting.provision(place, adele, wait=60)
    assert seen.outcome == "provisioned"
    assert waiting.slept == [1, 2, 4, 8]


async def test_an_assignment_that_never_appears_is_given_up(entra: LocalEntra, place: JobSession, adele: str) -> None:
    entra.portal.set_scope("assigned")
    waiting = Waiting()
    seen = await waiting.provision(place, adele, wait=60)
    assert (seen.outcome, seen.requests) == ("notAssigned", ())
    assert waiting.now <= 60


async def test_an_assignment_not_yet_honoured_by_entra_is_sent_again(
    entra: LocalEntra, place: JobSession, adele: str
) -> None:
    entra.portal.set_scope("assigned")
    entra.people.assign(principal(entra), adele)
    # The local Entra honours an assignment at once; a user who may not sign in is skipped with the same code.
    entra.people.update_user(adele, {"accountEnabled": False})
    waiting = Waiting()
    waiting.happens = lambda: len(waiting.slept) == 2 and entra.people.update_user(adele, {"accountEnabled": True})
    seen = await waiting.provision(place, adele, wait=120)
    assert (seen.outcome, len(seen.requests)) == ("provisioned", 1)
    assert waiting.slept == [15, 15]


async def test_who_stays_out_of_scope_is_skipped_when_the_time_is_over(
    entra: LocalEntra, place: JobSession, adele: str
) -> None:
    entra.portal.set_scope("assigned")
    entra.people.assign(principal(entra), adele)
    entra.people.update_user(adele, {"accountEnabled": False})
    waiting = Waiting()
    seen = await waiting.provision(place, adele, wait=40)
    assert seen.outcome == "skipped"
    assert waiting.slept == [15, 15]
