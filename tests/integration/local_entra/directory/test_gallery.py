"""Application templates of the gallery: found, instantiated, and what of their provisioning is refused.

Right values: Microsoft Graph, resource types applicationTemplate and synchronizationTemplate, "Configure provisioning
using Microsoft Graph APIs"; the acceptance tests of the azuread provider, which use Marketo and Azure Databricks.
"""

from __future__ import annotations

from typing import Any

import pytest

from eptura_scim.local_entra import LocalEntra
from tests.integration.local_entra.graph_client import App, GraphClient, error, pairs

DATABRICKS = "9c9818d2-2900-49e8-8ba4-22688be7c675"
GOOGLE = "01303a13-8322-4e06-bee5-80d612907131"
MARKETO = "4601ed45-8ff3-4599-8377-b6649007e876"
MARKETO_ROLE = "dfd0e7dd-26fb-4b2c-98d2-e444486c1e37"


async def made_from(graph: GraphClient, template: str) -> tuple[App, Any]:
    """An application of a template, and the whole answer."""
    answer = await graph.ask("POST", f"/applicationTemplates/{template}/instantiate", {"displayName": "Of the gallery"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return App(made["application"]["id"], made["application"]["appId"], made["servicePrincipal"]["id"]), made


async def databricks_job(graph: GraphClient) -> App:
    app, _ = await made_from(graph, DATABRICKS)
    answer = await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "dataBricks"})
    assert answer.status_code == 201, answer.text
    return App(app.application, app.app_id, app.service_principal, answer.json()["id"])


async def test_a_template_is_found_by_its_name_and_by_its_id(graph: GraphClient) -> None:
    name = "Azure Databricks SCIM Provisioning Connector"
    [found] = (await graph.get(f"/applicationTemplates?$filter=displayName eq '{name}'"))["value"]
    assert (found["id"], found["supportedProvisioningTypes"]) == (DATABRICKS, ["sync"])
    assert await graph.get(f"/applicationTemplates/{DATABRICKS}") | {"@odata.context": None} == {
        **found,
        "@odata.context": None,
    }
    [crm] = (await graph.get("/applicationTemplates?$filter=categories/any(c:contains(c, 'crm'))"))["value"]
    assert crm["displayName"] == "Salesforce"
    names = [item["displayName"] for item in (await graph.get("/applicationTemplates"))["value"]]
    assert names[0] == "Custom"
    assert len(names) == len(set(names)) == 6


async def test_a_template_that_is_not_kept_is_not_found(graph: GraphClient) -> None:
    other = "00000000-1111-2222-3333-444444444444"
    assert (await graph.ask("GET", f"/applicationTemplates/{other}")).status_code == 404
    answer = await graph.ask("POST", f"/applicationTemplates/{other}/instantiate", {"displayName": "x"})
    assert answer.status_code == 404


async def test_a_gallery_application_has_its_template_roles_and_tags(graph: GraphClient) -> None:
    app, made = await made_from(graph, MARKETO)
    for item in (made["application"], made["servicePrincipal"]):
        assert item["applicationTemplateId"] == MARKETO
        assert [(role["id"], role["displayName"]) for role in item["appRoles"]] == [(MARKETO_ROLE, "msiam_access")]
    tags = (await graph.get(f"/servicePrincipals/{app.service_principal}"))["tags"]
    assert "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1" in tags
    assert (await graph.get(f"{app.synchronization}/templates"))["value"] == []


async def test_a_job_of_databricks_starts_and_keeps_its_secrets(graph: GraphClient) -> None:
    app = await databricks_job(graph)
    [template] = (await graph.get(f"{app.synchronization}/templates"))["value"]
    assert (template["id"], template["default"], template["factoryTag"]) == ("dataBricks", True, "dataBricks")
    saved = pairs(BaseAddress="https://adb.azuredatabricks.net", SecretToken="token")
    assert (await graph.ask("PUT", app.secrets, {"value": saved})).status_code == 204
    assert (await graph.ask("POST", f"{app.job_path}/start")).status_code == 204
    # Ids in paths count in either case.
    job = await graph.get(app.job_path.replace("dataBricks", "DATABRICKS"))
    assert (job["templateId"], job["schedule"]["state"]) == ("dataBricks", "Active")
    refused = await graph.ask("POST", f"{app.synchronization}/jobs", {"templateId": "scim"})
    assert refused.status_code == 400


async def test_unknown_parts_of_the_gallery_are_refused(graph: GraphClient, entra: LocalEntra) -> None:
    app = await databricks_job(graph)
    for path in (app.schema, f"{app.synchronization}/templates/dataBricks/schema"):
        answer = await graph.ask("GET", path)
        assert answer.status_code == 501
        assert "the default schema of the job template 'dataBricks'" in error(answer)["message"]
    google, _ = await made_from(graph, GOOGLE)
    answer = await graph.ask("GET", f"{google.synchronization}/templates")
    assert answer.status_code == 501
    assert "Google Cloud / G Suite Connector by Microsoft" in error(answer)["message"]


async def test_a_cycle_without_a_known_schema_fails_with_the_reason(graph: GraphClient, entra: LocalEntra) -> None:
    app = await databricks_job(graph)
    await graph.connect(app)
    await graph.ask("POST", f"{app.job_path}/start")
    report = await entra.provisioning.run_cycle()
    assert report.error is not None
    assert "dataBricks" in report.error.message
    status = (await graph.get(app.job_path))["status"]
    assert status["code"] == "Quarantine"
    assert "dataBricks" in status["quarantine"]["error"]["message"]


async def test_the_pages_show_a_job_without_a_known_schema(graph: GraphClient) -> None:
    app = await databricks_job(graph)
    page = await graph.http.get(f"/portal/application/{app.service_principal}")
    assert page.status_code == 200
    assert "the default schema of the job template &#x27;dataBricks&#x27;" in page.text


@pytest.mark.parametrize("name", ["aws", "dataBricks"])
async def test_documented_job_templates_belong_to_their_application(name: str, graph: GraphClient) -> None:
    found = {"aws": "8b1025e4-1dd2-430b-a150-2ef79cd700f5", "dataBricks": DATABRICKS}
    app, _ = await made_from(graph, found[name])
    assert [item["id"] for item in (await graph.get(f"{app.synchronization}/templates"))["value"]] == [name]
