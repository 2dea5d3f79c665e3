"""The commands of the Pulumi CLI that our commands use, on one stack `prod` that is kept in $PLAIN_PULUMI.

A preview prints the file $PLAIN_PULUMI_PREVIEW, and fails where that has an error. It logs $PLAIN_PULUMI_EVENTS.
An import stops with an error after $PLAIN_PULUMI_STOPS_AFTER resources, where that is set. Every passphrase is right
but `wrong`. With $PLAIN_PULUMI_NO_STACKS no stack is listed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

FILE = Path(os.environ.get("PLAIN_PULUMI", "/nowhere"))
COMPONENT = "eptura-scim:index:EpturaScimProvisioning"
PREFIX = "urn:pulumi:prod::eptura::"


def fail(reason: str) -> NoReturn:
    sys.exit(f"error: {reason}")


def urn(kind: str) -> str:
    return f"{PREFIX}{COMPONENT}" if kind == COMPONENT else f"{PREFIX}{COMPONENT}${kind}"


def main(arguments: list[str]) -> None:
    if arguments == ["version"]:
        print("v3.259.0")
        return
    state = json.loads(FILE.read_text()) if FILE.exists() else {"config": {}, "secrets": {}, "resources": []}
    stack = arguments[arguments.index("--stack") + 1] if "--stack" in arguments else "prod"
    if stack != "prod":
        fail(f"no stack named '{stack}' found")
    words = [word for word in arguments if not word.startswith("--") and word not in {"prod", "never"}]
    if words == ["preview"]:
        preview(arguments)
        return
    match words:
        case ["stack", *what]:
            print(of_stack(what, state))
        case ["config"]:
            plain = {f"eptura:{name}": {"value": value, "secret": False} for name, value in state["config"].items()}
            print(json.dumps(plain | {f"eptura:{name}": {"secret": True} for name in state["secrets"]}))
        case ["config", "set-all", *pairs]:
            state["config"] |= dict(pair.split("=", 1) for pair in pairs)
        case ["config", "set", name]:
            state["secrets"][name] = sys.stdin.read()
        case ["config", "get", _] if os.environ.get("PULUMI_CONFIG_PASSPHRASE") == "wrong":
            fail("incorrect passphrase")
        case ["config", "get", name]:
            print(state["secrets"][name])
        case ["import", file]:
            import_all(state, json.loads(Path(file).read_text()))
        case _:
            fail(f"unknown command {words}")
    FILE.write_text(json.dumps(state))


def of_stack(what: list[str], state: dict[str, Any]) -> str:
    match what:
        case []:
            return "prod"
        case ["ls"]:
            return json.dumps([] if "PLAIN_PULUMI_NO_STACKS" in os.environ else [{"name": "prod", "current": True}])
        case ["output"]:
            return json.dumps(state.get("outputs", {}))
        case ["export"]:
            return json.dumps({"deployment": {"resources": state["resources"]}})
        case _:
            fail(f"unknown command of stack {what}")


def preview(arguments: list[str]) -> None:
    if events := os.environ.get("PLAIN_PULUMI_EVENTS"):
        [file] = [word.removeprefix("--event-log=") for word in arguments if word.startswith("--event-log=")]
        Path(file).write_text(events)
    document = Path(os.environ["PLAIN_PULUMI_PREVIEW"]).read_text()
    print(document)
    if '"severity": "error"' in document:
        fail("preview failed")


def import_all(state: dict[str, Any], document: dict[str, Any]) -> None:
    stops_after = int(os.environ.get("PLAIN_PULUMI_STOPS_AFTER", "99"))
    component = [item["name"] for item in document["resources"] if item.get("component")]
    for count, item in enumerate(document["resources"]):
        if count == stops_after:
            FILE.write_text(json.dumps(state))
            fail(f"{item['type']}: stopped here")
        if not item.get("component") and item["parent"] not in {*component, *document.get("nameTable", {})}:
            fail(f"parent {item['parent']} is not known")
        name = item.get("logicalName", item["name"])
        state["resources"].append({"urn": f"{urn(item['type'])}::{name}", "id": item.get("id", "")})


main([word for word in sys.argv[1:] if word != "--non-interactive"])
