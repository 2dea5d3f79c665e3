"""Applications are found by name and by each of their ids, with their service principals."""

from __future__ import annotations

from eptura_scim.graph.applications import Applications, Registered
from eptura_scim.graph.client import GraphClient
from eptura_scim.graph.identity import who_am_i
from eptura_scim.local_entra import LocalEntra


def names(found: list[Registered]) -> list[str]:
    return [application.display_name if application else "" for application, _ in found]


async def test_a_name_finds_all_of_that_name_and_no_other(entra: LocalEntra, client: GraphClient) -> None:
    for name in ("It's one", "It's one", "It's one more"):
        entra.portal.create_application(name)
    assert names(await Applications(client).find("It's one")) == ["It's one", "It's one"]
    assert await Applications(client).find("It") == []


async def test_every_id_finds_both_halves(entra: LocalEntra, client: GraphClient) -> None:
    entra.portal.create_application("Other")
    principal = entra.portal.create_application("Eptura")
    applications = Applications(client)
    (one,) = await applications.find("Eptura")
    assert one.application is not None
    assert one.principal is not None
    assert one.principal.id == principal
    for text in (one.application.id, one.application.app_id, principal, principal.upper()):
        assert await applications.find(text) == [one]


async def test_a_renamed_service_principal_is_found_by_its_own_name(entra: LocalEntra, client: GraphClient) -> None:
    entra.portal.create_application("Before")
    entra.portal.rename("After")
    assert names(await Applications(client).find("After")) == ["Before"]


async def test_a_name_that_looks_like_an_id_is_found_as_a_name(entra: LocalEntra, client: GraphClient) -> None:
    name = "11111111-1111-1111-1111-111111111111"
    entra.portal.create_application(name)
    assert names(await Applications(client).find(name)) == [name]


async def test_a_missing_half_is_told(entra: LocalEntra, client: GraphClient) -> None:
    entra.portal.create_application("Eptura")
    entra.portal.delete_service_principal()
    (one,) = await Applications(client).find("Eptura")
    assert one.principal is None


async def test_all_pages_of_a_list_are_read(entra: LocalEntra, client: GraphClient) -> None:
    for _ in range(5):
        entra.portal.create_application("Eptura")
    assert len(await client.values("/applications?$top=2")) == 5


async def test_the_login_names_its_identity_and_permissions(entra: LocalEntra, client: GraphClient) -> None:
    identity = await who_am_i(client)
    assert identity.kind == "application"
    assert identity.tenant_id == entra.tenant.id
    assert identity.object_id == entra.tenant.principal_id
    assert identity.permissions == set(entra.tenant.permissions)
