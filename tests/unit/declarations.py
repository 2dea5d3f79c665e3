"""What a Pulumi program declares, without an engine: each resource as the engine would be asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi.runtime import rpc

from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.sealing import SealingKey
from tests.outcomes import program
from tests.outcomes.program import Declared

__all__ = ["PRINCIPAL", "Declarations", "declared_by"]

PRINCIPAL = "11111111-1111-1111-1111-111111111111"


class Declarations:
    """The declarations of one run, by URN. In a preview every id, and every output of a resource, is unknown."""

    def __init__(self, *, preview: bool, outputs: Mapping[str, Mapping[str, Any]]) -> None:
        self.preview = preview
        self.resources: dict[str, Declared] = {}
        self.recorded: dict[str, dict[str, Any]] = {}
        """The outputs of each component, by its name."""
        self.warnings: list[str] = []
        self._key = SealingKey()
        self._made = {"ServicePrincipal": {"objectId": PRINCIPAL, "appRoles": []}, **outputs}

    def of(self, kind: str) -> list[Declared]:
        """The resources of a kind (the last word of the type), in the order of their names."""
        found = [resource for resource in self.resources.values() if resource.type.rsplit(":", 1)[-1] == kind]
        return sorted(found, key=lambda resource: resource.name)

    def one(self, kind: str) -> Declared:
        """The only resource of a kind."""
        (found,) = self.of(kind)
        return found

    def token(self, name: str = "") -> str:
        """The token that the plugin gets for a component; the only one by default."""
        (sealed,) = [one.inputs["secretToken"] for one in self.of("SynchronizationSecrets") if name in ("", one.name)]
        return self._key.unseal(sealed)

    # What the program asks for

    def register(self, declared: Declared) -> tuple[str, dict[str, Any]]:
        """A resource: it gets an id of its name."""
        assert declared.urn not in self.resources, f"{declared.urn} is declared twice"
        self.resources[declared.urn] = declared
        kind = declared.type.rsplit(":", 1)[-1]
        made = {**declared.inputs, **self._made.get(kind, {}), **self._made.get(declared.name, {})}
        made.setdefault("applicationObjectId", f"application of {declared.name}")
        if not declared.custom:
            return "", {}
        if self.preview:
            return rpc.UNKNOWN, dict.fromkeys(made, UNKNOWN)
        return f"{kind} {declared.name}", made

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A function."""
        if token.endswith(":sealingKey"):
            return {"publicKey": self._key.public}
        return {"clientId": f"client of {arguments.get('objectId')}"}

    def read(self, kind: str, name: str) -> dict[str, Any]:
        """A resource that the program reads."""
        return {"name": name, **self._made.get(kind.rsplit(":", 1)[-1], {})}

    def outputs(self, urn: str, values: dict[str, Any]) -> None:
        """The outputs of a component, or of the stack."""
        self.recorded[urn.rsplit("::", 1)[-1]] = values

    def warn(self, text: str) -> None:
        """A warning."""
        self.warnings.append(text)


def declared_by(
    declare: Callable[[], object], *, preview: bool = False, outputs: Mapping[str, Mapping[str, Any]] | None = None
) -> Declarations:
    """What a program declares. `outputs` are those of resources, by kind or name. Raises what ends the program."""
    found = Declarations(preview=preview, outputs=outputs or {})
    program.run(declare, found)
    return found
