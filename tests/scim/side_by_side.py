"""What the local Entra sends beside what Microsoft documents, from cycles over HTTPS into scim2-server.

`python -m tests.scim.side_by_side` writes the table of docs/cycles.md again.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from eptura_scim.local_entra import LocalEntra, Switches
from eptura_scim.local_entra.provisioning.target import Sent
from tests.scim.documented_requests import DOCUMENTED, Documented

__all__ = ["PAGE", "generated", "matching", "normalized", "recorded"]

PAGE = Path(__file__).parents[2] / "docs" / "cycles.md"
BEGIN, END = "<!-- requests: begin -->\n", "<!-- requests: end -->\n"

# The rows of Microsoft's example of a created user; everything else that the template maps is left out.
SHOWN = {
    "userName", "active", "externalId", 'emails[type eq "work"].value', "name.givenName", "name.familyName",
    "name.formatted",
}  # fmt: skip
_TEST = re.compile(r'(?:userName|displayName) eq "[0-9a-f-]{36}"')  # of the connection: a random user, a random group
EMPLOYEE_NUMBER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber"


def recorded() -> list[tuple[bool, Sent]]:
    """The requests of two lives of a user and a group, without and with the flag; whether it was set with each."""
    return [
        (flag, sent) for flag in (False, True) for sent in _requests_of_a_life(flag=flag) if not _TEST.search(sent.path)
    ]


def _requests_of_a_life(*, flag: bool) -> list[Sent]:
    with LocalEntra.start(switches=Switches(group_creation_schemas="documented")) as entra:
        portal, people = entra.portal, entra.people
        portal.create_application("EpturaScimApplication")
        portal.create_job()
        portal.set_tenant_url(f"{entra.scim.url}?aadOptscim062020" if flag else entra.scim.url)
        portal.set_secret_token(entra.scim.token)
        portal.set_scope("all")
        portal.enable_groups()
        kept = SHOWN | {"displayName", EMPLOYEE_NUMBER} if flag else SHOWN
        portal.edit_schema(lambda schema: _keep(schema, kept))
        portal.set_user_source("externalId", "[objectId]")
        portal.set_apply("name.formatted", "ObjectAddOnly")
        portal.start()

        def cycle() -> None:
            report = asyncio.run(entra.provisioning.run_cycle())
            assert report.error is None, report.error
            assert not report.failures, report.outcomes

        ann = people.add_user(userPrincipalName="ann@contoso.example", givenName="Ann", surname="Abel",
                              mail="ann@contoso.example", employeeId="7")["id"]  # fmt: skip
        floor = people.add_group(displayName="Floor 2")["id"]
        people.add_member(floor, ann)
        cycle()
        people.update_user(ann, {"surname": "Bell", "mail": "bell@contoso.example", "displayName": "Ann Bell",
                                 "givenName": "Anna" if flag else "Ann", "employeeId": "8"})  # fmt: skip
        people.update_group(floor, {"displayName": "Floor 3"})
        cycle()
        if flag:
            portal.add_user_mapping("nickName", "[mailNickname]")
        else:
            people.update_user(ann, {"userPrincipalName": "bell@contoso.example"})
        cycle()
        people.remove_member(floor, ann)
        cycle()
        people.delete_user(ann)
        cycle()
        people.purge(ann)
        people.delete_group(floor)
        cycle()
        return list(entra.provisioning.requests)


def _keep(schema: dict[str, Any], targets: set[str]) -> None:
    for mapping in schema["synchronizationRules"][0]["objectMappings"]:
        if mapping["sourceObjectName"] == "User":
            rows = [row for row in mapping["attributeMappings"] if row["targetAttributeName"] in targets]
            mapping["attributeMappings"] = rows


def matching(documented: Documented, sent: list[tuple[bool, Sent]]) -> Sent | None:
    """A request of the same shape."""
    for flag, request in sent:
        if flag == documented.flag and normalized(request.method, request.path, request.body) == normalized(
            documented.method, documented.path, documented.body
        ):
            return request
    return None


def normalized(method: str, path: str, body: Any) -> tuple[str, str, Any]:
    """A request without what differs: ids, names, values that are texts. Members are kept, and their order is not."""
    path = re.sub(r'"[^"]*"', '"…"', re.sub(r"^(Users|Groups)/[^?]+", r"\1/…", path))
    return method, path, _shape(body)


def _shape(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        # The order of single attributes in one operation, and of rows in a mapping, has no meaning.
        return {name: _shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [_shape(item, key) for item in value]
        return sorted(items, key=json.dumps) if key == "Operations" else items
    if key == "path":
        return re.sub(r'(value eq )"[^"]*"', r'\1"…"', value)
    if key in {"op", "schemas", "type", "resourceType"} or value in {"True", "False"}:
        return value
    return "…" if isinstance(value, str) else value


def generated(sent: list[tuple[bool, Sent]]) -> str:
    """The part of the page that shows the requests."""
    parts = []
    for documented in DOCUMENTED:
        found = matching(documented, sent)
        title = f"{documented.section}{', with aadOptscim062020' if documented.flag else ''}"
        lines = _lines("documented", documented.method, documented.path, documented.body)
        lines += ["sent        nothing of that shape"] if found is None else _lines("sent", *_plain(found))
        parts.append("\n".join([f"**{title}**", "", "```text", *lines, "```", ""]))
    return "\n".join(parts)


def _plain(sent: Sent) -> tuple[str, str, Any]:
    """The request with short ids: the page is the same each time it is written."""
    text = json.dumps([sent.path, sent.body])
    path, body = json.loads(re.sub(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}", "1b2c", text))
    return sent.method, path, body


def _lines(label: str, method: str, path: str, body: Any) -> list[str]:
    """A request: a line each for its first line and for every operation, or member of the body."""
    said = [f"{method} /{path}"]
    if body is not None and "Operations" in body:
        said += [_json(operation) for operation in body["Operations"]]
    elif body is not None:
        said += [f"{name}: {_json(value)}" for name, value in body.items()]
    return [f"{label if number == 0 else '':<12}{line}".rstrip() for number, line in enumerate(said)]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Write the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{generated(recorded())}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
