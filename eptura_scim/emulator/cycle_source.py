"""The source side of a cycle: attributes of users and groups, compiled expressions, scoping filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eptura_scim.emulator.cycle_flow import Evaluated, Skipped
from eptura_scim.emulator.cycle_state import Kind
from eptura_scim.emulator.cycle_target import TargetError
from eptura_scim.emulator.people_shapes import Entry
from eptura_scim.emulator.records import Clock, Json
from eptura_scim.emulator.tenant import Tenant
from eptura_scim.mapping import Dropped, EvaluationError, ExpressionError, Surroundings, compile_expression

__all__ = ["compiled", "filter_of", "source_attributes"]


_USER_NAMES = {
    "objectId": "id",
    "mobile": "mobilePhone",
    "facsimileTelephoneNumber": "faxNumber",
    "physicalDeliveryOfficeName": "officeLocation",
    "sourceAnchor": "onPremisesImmutableId",
    "dirSyncEnabled": "onPremisesSyncEnabled",
    "originalUserPrincipalName": "userPrincipalName",
}
_GUEST = "#EXT#"


def source_attributes(kind: Kind, entry: Entry) -> dict[str, Any]:
    """A user's or group's attributes by the names that mappings use: `objectId` for Graph's `id`, and so on.

    Of a guest's userPrincipalName what `#EXT#` adds is left out (Microsoft, "How application provisioning works", B2B
    users); the last underscore stands for the @.
    """
    made = dict(entry)
    if kind == "Group":
        return {**made, "objectId": entry["id"]}
    made.update({name: entry.get(graph) for name, graph in _USER_NAMES.items()})
    made.update(entry.get("onPremisesExtensionAttributes") or {})
    made["telephoneNumber"] = next(iter(entry.get("businessPhones") or []), None)
    local, guest, _ = str(entry.get("userPrincipalName") or "").partition(_GUEST)
    if guest:
        made["userPrincipalName"] = "@".join(local.rsplit("_", 1))
    return made


def compiled(tree: Json, clock: Clock, tenant: Tenant) -> Evaluated:
    """A source tree as a function over an object's attributes.

    What it raises is of provisioning: TargetError where there is no value, Skipped where the object is left out. A tree
    that cannot be read fails each object, as it does in the service.
    """
    try:
        expression = compile_expression(tree)
    except ExpressionError as error:
        problem = str(error)

        def fail(_attributes: Mapping[str, Any]) -> Any:
            raise TargetError("InvalidExpression", problem)

        return fail

    def value(attributes: Mapping[str, Any]) -> Any:
        try:
            result = expression(attributes, Surroundings(now=clock(), default_domain=tenant.domain))
        except EvaluationError as error:
            raise TargetError("InvalidExpression", str(error)) from None
        if result is Dropped.OBJECT:
            raise Skipped
        return None if result is Dropped.ATTRIBUTE else result

    return value


def filter_of(scope: Json | None) -> Callable[[Mapping[str, Any]], bool]:
    """An object mapping's scoping filter as a function over an object's attributes. Not modelled yet: all pass."""
    return lambda _attributes: True
