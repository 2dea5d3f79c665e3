"""Cycles over HTTPS into a real SCIM server: they send what Microsoft documents, and docs/cycles.md shows it."""

from __future__ import annotations

import asyncio
import json

import pytest

from eptura_scim.local_entra import LocalEntra, Switches
from eptura_scim.local_entra.provisioning.target import Sent
from tests.scim.documented_requests import DOCUMENTED, Documented
from tests.scim.side_by_side import PAGE, generated, matching, recorded


@pytest.fixture(scope="module")
def sent() -> list[tuple[bool, Sent]]:
    return recorded()


def test_every_request_is_answered(sent: list[tuple[bool, Sent]]) -> None:
    assert {request.status for _, request in sent} <= {200, 201, 204}


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda it: f"{it.section}{' flagged' if it.flag else ''}")
def test_each_documented_request_is_sent_in_its_shape(documented: Documented, sent: list[tuple[bool, Sent]]) -> None:
    assert matching(documented, sent) is not None


def test_the_page_shows_these_requests(sent: list[tuple[bool, Sent]]) -> None:
    # `python -m tests.scim.side_by_side` writes them.
    assert generated(sent) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("flag", "refused"), [("", {"noTarget", "invalidValue"}), ("?aadOptscim062020", {"noTarget"})])
def test_a_strict_rfc_server_refuses_requests_of_entra(flag: str, refused: set[str]) -> None:
    with LocalEntra.start(switches=Switches(scim_server="strict", escrow_retries="each cycle")) as entra:
        portal, people = entra.portal, entra.people
        portal.create_application("EpturaScimApplication")
        portal.create_job()
        portal.set_tenant_url(f"{entra.scim.url}{flag}")
        portal.set_secret_token(entra.scim.token)
        portal.set_scope("all")
        portal.enable_groups()
        portal.start()
        ann = people.add_user(userPrincipalName="ann@contoso.example", givenName="Ann")["id"]
        bob = people.add_user(userPrincipalName="bob@contoso.example", givenName="Bob")["id"]
        floor = people.add_group(displayName="Floor 2")["id"]
        people.add_member(floor, ann)
        assert not asyncio.run(entra.provisioning.run_cycle()).failures

        people.remove_member(floor, ann)  # without the flag: a Remove with a value
        people.update_user(bob, {"mobilePhone": "+1 425 555 0100"})  # an element that is not there yet
        people.update_user(ann, {"accountEnabled": False})
        report = asyncio.run(entra.provisioning.run_cycle())

        messages = [outcome.message for outcome in report.outcomes if outcome.code]
        messages += [outcome.message for outcome in report.members if outcome.code]
        assert {json.loads(text.partition("Web Response: ")[2])["scimType"] for text in messages} == refused
        assert [user["active"] for user in entra.scim.resources() if user.get("userName", "").startswith("ann")] == [
            False
        ]
