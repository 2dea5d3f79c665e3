"""The local Entra's pages in a real browser: they fit a phone and a desktop. Skipped without Chromium."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx

from eptura_scim.local_entra import LocalEntra
from eptura_scim.mapping import mappings_of
from tests.integration.browser import LONG, WIDTHS, document, needs_chromium, overflows, tab

pytestmark = needs_chromium


def shown(address: str, tmp_path: Path) -> str:
    """The document as the browser has it after loading an address of the local Entra."""
    return document(address, tmp_path / "profile", "--ignore-certificate-errors")


def served(entra: LocalEntra) -> str:
    """The address of the application's page."""
    application = entra.portal.create_application(f"Eptura {LONG[:200]}")
    entra.portal.create_job()
    entra.portal.set_notes(LONG)
    entra.portal.set_default("title", LONG)
    entra.people.add_sample()
    entra.people.add_user(
        userPrincipalName=f"{LONG[:60]}@contoso.example", displayName=LONG[:200], department=LONG[:60]
    )
    return f"/portal/application/{application}"


def test_no_page_with_open_forms_is_wider_than_the_screen(tmp_path: Path) -> None:
    with LocalEntra.start() as entra:
        trust = entra.environment["SSL_CERT_FILE"]
        paths = ("/", "/portal/people", "/portal/eptura", "/portal/calls", served(entra))
        with httpx.Client(base_url=entra.url, verify=ssl.create_default_context(cafile=trust)) as client:
            pages = {path: client.get(path).text.replace("<details>", "<details open>") for path in paths}
    assert overflows(pages, tmp_path) == {f"{path} {width}": 0 for path in pages for width in WIDTHS}


def test_the_browser_shows_people_and_sends_only_its_own_forms(tmp_path: Path) -> None:
    with LocalEntra.start() as entra:
        served(entra)
        assert "Adele Vance" in shown(f"{entra.url}/portal/people", tmp_path)
        other = tmp_path / "other.html"
        other.write_text(
            f'<form method="post" action="{entra.url}/portal/edit/notes"><input name="value.text" value="taken"></form>'
            "<script>document.forms[0].submit()</script>",
            encoding="utf-8",
        )
        answer = shown(other.as_uri(), tmp_path)
        assert "does not come from a page of the local Entra" in answer
        assert entra.portal.service_principal()["notes"] == LONG


async def test_edits_by_hand_are_made_by_the_forms_of_the_pages(tmp_path: Path) -> None:
    with LocalEntra.start() as entra:
        portal = entra.portal
        application = portal.create_application("Eptura")
        portal.create_job()
        portal.set_tenant_url(entra.scim.url)
        portal.set_secret_token(entra.scim.token)
        page = f"{entra.url}/portal/application/{application}"
        async with tab(tmp_path / "profile") as browser:
            await browser.open(entra.url)
            assert "Eptura" in str(await browser.run("document.body.innerText"))
            await browser.open(page)
            await browser.press("/portal/edit/scope", scope="assigned")
            await browser.press("/portal/edit/source", of="users", target="externalId", source="[mail]")
            told = await browser.press("/portal/edit/rename", name="Old Eptura")
            refused = await browser.press("/portal/edit/deletion-threshold", threshold="-1")
        assert "Old Eptura" in told
        assert "a number from 0 to 999999 is needed" in refused
        assert portal.service_principal()["displayName"] == "Old Eptura"
        assert portal.secrets()["SyncAll"] == "false"
        assert mappings_of(portal.schema()).users["externalId"].source == "[mail]"
