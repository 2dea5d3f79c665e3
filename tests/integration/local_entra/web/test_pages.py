"""The pages of the local Entra: what they show, the edits of their forms, and whose requests they refuse."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from html import unescape

import httpx
import pytest

from eptura_scim.local_entra import LocalEntra
from eptura_scim.local_entra.portal.edits import EDITS
from tests.integration.local_entra.cycle_tenant import CycleTenant

ORIGIN = {"Origin": "https://localhost"}
Changed = Callable[[LocalEntra], bool]
PAGES = ("/", "/portal/people", "/portal/eptura", "/portal/calls")


@pytest.fixture
def tenant() -> CycleTenant:
    return CycleTenant()


@pytest.fixture
async def browser(tenant: CycleTenant) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(tenant.entra) as client:
        yield client


def opened(entra: LocalEntra) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=entra.app)
    return httpx.AsyncClient(transport=transport, base_url="https://localhost", follow_redirects=True)


async def edit(browser: httpx.AsyncClient, edit_name: str, edit_back: str = "/", **values: str) -> httpx.Response:
    form = {"back": edit_back, **{f"value.{key}": value for key, value in values.items()}}
    return await browser.post(f"/portal/edit/{edit_name}", data=form, headers=ORIGIN)


def seen(page: httpx.Response) -> str:
    """The text that a reader sees, without marks, blanks as one."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", page.text.partition("<main>")[0] + page.text)).split())


async def test_the_pages_link_to_each_other_and_to_the_application(
    browser: httpx.AsyncClient, tenant: CycleTenant
) -> None:
    page = await browser.get("/")
    links = set(re.findall(r'href="([^"]+)"', page.text))
    assert links == {*PAGES, f"/portal/application/{tenant.principal}"}
    for link in links:
        found = await browser.get(link)
        assert (found.status_code, found.headers["content-type"]) == (200, "text/html; charset=utf-8")


async def test_the_cycle_button_runs_a_cycle_and_shows_its_people(
    browser: httpx.AsyncClient, tenant: CycleTenant
) -> None:
    tenant.people.add_sample()
    page = await browser.post("/portal/cycle", data={"back": "/portal/people"}, headers=ORIGIN)
    assert page.url.path == "/portal/people"
    assert "created: adele.vance@contoso.example" in seen(page)
    assert "failed: Eptura users: SystemForCrossDomainIdentityManagementBadRequest" in seen(page)
    assert {user["userName"] for user in tenant.entra.scim.resources() if "userName" in user} >= {
        "adele.vance@contoso.example"
    }
    assert "Manufacturing, disabled no disabled in Entra" in seen(page)
    assert "Adele Vance" in seen(await browser.get("/portal/eptura"))


async def test_people_are_shown_before_there_is_an_application() -> None:
    entra = LocalEntra.in_process()
    entra.people.add_sample()
    async with opened(entra) as browser:
        assert "Adele Vance" in seen(await browser.get("/portal/people"))
        assert "No enterprise application yet" in seen(await browser.get("/"))


@pytest.mark.parametrize(
    ("name", "values", "changed"),
    [
        ("rename", {"name": "Old Eptura"}, lambda at: at.portal.service_principal()["displayName"] == "Old Eptura"),
        ("sign-in", {"enabled": "no"}, lambda at: at.portal.service_principal()["accountEnabled"] is False),
        ("pause", {}, lambda at: at.portal.job()["schedule"]["state"] == "Paused"),
        ("scope", {"scope": "assigned"}, lambda at: at.portal.secrets()["SyncAll"] == "false"),
        ("tenant-url", {"url": "https://x.example/"}, lambda at: "x.example" in at.portal.secrets()["BaseAddress"]),
        ("revoke-token", {}, lambda at: not at.scim.accepts("local-entra-scim-token")),
        ("issue-token", {"token": "second"}, lambda at: at.scim.accepts("second")),
        ("delete-job", {}, lambda at: at.portal.jobs() == []),
        ("delete-application", {}, lambda at: at.portal.applications() == []),
        ("add-user", {"user": "x@contoso.example", "name": "X"}, lambda at: len(at.people.users()) == 1),
        (
            "scoping-filter",
            {"of": "users", "filter": 'department EQUALS "Retail"'},
            lambda at: "Retail" in str(at.portal.schema()),
        ),
        (
            "remove-mapping",
            {"of": "users", "target": "title"},
            lambda at: "'title'" not in str(at.portal.schema()["synchronizationRules"][0]["objectMappings"]),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_a_form_makes_the_edit(
    browser: httpx.AsyncClient, tenant: CycleTenant, name: str, values: dict[str, str], changed: Changed
) -> None:
    assert not changed(tenant.entra)
    page = await edit(browser, name, f"/portal/application/{tenant.principal}", **values)
    assert page.status_code == 200
    assert f"{EDITS[name].title}: done" in seen(page)
    assert changed(tenant.entra)


async def test_an_edit_of_a_user_keeps_the_type_of_the_property(
    browser: httpx.AsyncClient, tenant: CycleTenant
) -> None:
    tenant.people.add_sample()
    for name, text, value in (
        ("accountEnabled", "false", False),
        ("businessPhones", "+1 425 555 0000", ["+1 425 555 0000"]),
        ("department", "", None),
        ("city", "Bern", "Bern"),
    ):
        await edit(browser, "user", user="adele.vance@contoso.example", property=name, value=text)
        assert tenant.people.user("adele.vance@contoso.example")[name] == value


async def test_all_wrong_values_are_told_and_nothing_changes(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    before = tenant.portal.schema()
    page = await edit(browser, "add-mapping", of="people", target="title", precedence="-1")
    assert "of is 'people'; it can be users, groups; source is missing; precedence is '-1'" in seen(page)
    assert "cannot be made" not in seen(page)
    assert tenant.portal.schema() == before
    page = await edit(browser, "source", of="users", target="title", source="[mail")
    assert "an attribute is written [name] at character 1" in seen(page)
    page = await edit(browser, "nonsense")
    assert "'nonsense' is not an edit" in seen(page)


async def test_what_people_wrote_is_text_and_not_html(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    evil = "<script>alert(1)</script>\"'"
    tenant.user("eve", displayName=evil, department=evil)
    tenant.group(evil)
    tenant.portal.set_notes(evil)
    tenant.portal.rename(evil)
    tenant.portal.set_default("title", evil)
    for path in (*PAGES, f"/portal/application/{tenant.principal}", f"/portal/application/{evil}"):
        page = await browser.get(path)
        assert "<script" not in page.text
    page = await edit(browser, "rename", evil, **{evil: evil})
    assert "<script" not in page.text
    assert evil[:20] in unescape(page.text)


async def test_no_page_shows_the_token(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    secret = "s3cret-token-of-a-test"
    await edit(browser, "token", token=secret)
    await browser.post("/portal/cycle", data={}, headers=ORIGIN)
    for path in (*PAGES, f"/portal/application/{tenant.principal}", "/portal/api/people"):
        page = await browser.get(path)
        assert secret not in page.text
        assert tenant.entra.scim.token not in page.text
        assert tenant.entra.tenant.client_secret not in page.text


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://localhost", "https://localhost:1"])
async def test_a_form_of_another_site_changes_nothing(
    browser: httpx.AsyncClient, tenant: CycleTenant, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = await browser.post("/portal/edit/rename", data={"value.name": "x"}, headers=headers)
    assert answer.status_code == 403
    answer = await browser.post("/portal/api/edit/rename", json={"values": {"name": "x"}}, headers=headers)
    assert answer.status_code == 403
    assert tenant.portal.service_principal()["displayName"] == "EpturaScimApplication"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8443", ""])
@pytest.mark.parametrize("path", ["/", "/portal/people", "/portal/api/people"])
async def test_a_name_that_another_site_points_here_shows_nothing(
    browser: httpx.AsyncClient, host: str, path: str
) -> None:
    answer = await browser.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert "contoso" not in answer.text


async def test_pages_forbid_scripts_frames_and_storing(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/")).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


async def test_a_link_back_to_another_site_is_not_followed(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/portal/edit/pause", data={"back": "//evil.example"}, headers=ORIGIN, follow_redirects=False
    )
    assert answer.headers["location"].startswith("/?said=")


async def test_every_field_of_every_form_has_a_label(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    for path in (*PAGES, f"/portal/application/{tenant.principal}"):
        html = (await browser.get(path)).text
        fields = set(re.findall(r'<(?:input type="(?!hidden)\w+"|select) id="([^"]+)"', html))
        assert fields == set(re.findall(r'<label for="([^"]+)"', html))


async def test_an_edit_is_in_the_audit_log_and_is_not_a_call(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    await edit(browser, "notes", text="ask Adele")
    assert tenant.portal.audits()[0]["initiatedBy"]["user"] is not None
    assert list(tenant.entra.calls) == []


async def test_a_larger_form_than_any_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/portal/edit/notes", data={"value.text": "x" * 70_000}, headers=ORIGIN)
    assert answer.status_code == 413
    assert "larger than 64 KiB" in seen(answer)


async def test_the_application_of_a_deleted_page_is_told(browser: httpx.AsyncClient, tenant: CycleTenant) -> None:
    tenant.portal.delete_application()
    answer = await browser.get(f"/portal/application/{tenant.principal}")
    assert answer.status_code == 404
    assert "no application has the name or object id" in seen(answer)


def test_the_sample_company_is_the_same_each_time_and_comes_once() -> None:
    first, second = LocalEntra.in_process(), LocalEntra.in_process()
    for entra in (first, second, second):
        entra.people.add_sample()
    assert first.people.users() == second.people.users()
    assert first.people.groups() == second.people.groups()
    assert len(first.people.users()) == 14
    adele, nestor = (first.people.user(f"{name}@contoso.example") for name in ("adele.vance", "nestor.wilke"))
    assert first.people.references.manager(adele["id"]) == nestor
    nested = next(group for group in first.people.groups() if group["displayName"] == "Eptura users")
    assert "Engineering" in {member["displayName"] for member in first.people.members(nested["id"])}
