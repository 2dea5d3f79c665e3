"""SCIM resources from the target attributes of attribute mappings, `{path: value}`, and back. Nothing here does I/O.

A target attribute is a path such as `userName`, `name.givenName`, `emails[type eq "work"].value`, `members` or
`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.

Sources: Microsoft, "Customize user provisioning attribute-mappings" (paths) and "Develop and plan provisioning for a
SCIM endpoint" (the body of a creation); RFC 7643, RFC 7644 section 3.10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from eptura_scim.expressions.evaluation.values import as_text
from eptura_scim.mapping.scim_schemas import CORE_GROUP, CORE_USER, ENTERPRISE_USER
from eptura_scim.types import Json

__all__ = [
    "PathError",
    "ResourceType",
    "TargetPath",
    "compose",
    "decompose",
    "resource_type",
    "typed",
    "value_at",
]

ResourceType = Literal["User", "Group"]

_PATH = re.compile(
    r"""(?:(?P<schema>urn:[^\[\]"\s]+):)?
        (?P<attribute>[A-Za-z$][\w$-]*)
        (?:\[\s*(?P<key>[A-Za-z$][\w$-]*)\s+eq\s+"(?P<wanted>[^"]*)"\s*\])?
        (?:\.(?P<sub>[A-Za-z$][\w$-]*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_BOOLEANS = {"active", "primary"}  # of the core schemas, RFC 7643 section 4.1
_FIRST = ("schemas", "externalId", "userName")  # as the documented creation of a user begins


class PathError(ValueError):
    """A text is not a path of a target attribute."""


@dataclass(frozen=True, slots=True)
class TargetPath:
    """A target attribute in its parts."""

    schema: str | None
    """URN of an extension; None for the core schemas."""
    attribute: str
    element: tuple[str, str] | None = None
    """What an element of a multi-valued attribute is chosen by: `("type", "work")`."""
    sub: str | None = None

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> TargetPath:
        """Read a path. Raises PathError."""
        match = _PATH.fullmatch(text)
        if match is None:
            raise PathError(f'{text!r} is not a target attribute such as userName or emails[type eq "work"].value')
        schema = match["schema"]
        return cls(
            schema=None if schema in {CORE_USER, CORE_GROUP} else schema,
            attribute=match["attribute"],
            element=(match["key"], match["wanted"]) if match["key"] else None,
            sub=match["sub"],
        )

    @property
    def is_reference(self) -> bool:
        """Whether SCIM's schemas say that it refers to other resources: `members`, and the enterprise `manager`."""
        return (self.schema, self.attribute.lower()) in {(None, "members"), (ENTERPRISE_USER, "manager")}

    @property
    def is_boolean(self) -> bool:
        """Whether the core schemas say so."""
        return self.schema is None and (self.sub or self.attribute) in _BOOLEANS


def resource_type(object_name: str) -> ResourceType:
    """What a target object is: `…:enterprise:2.0:User` is a User, `…:core:2.0:Group` a Group.

    Raises PathError for an object that SCIM's core does not know.
    """
    match object_name.rpartition(":")[2]:
        case "User":
            return "User"
        case "Group":
            return "Group"
    raise PathError(f"the target object {object_name!r} is neither a user nor a group")


def typed(value: Any, path: TargetPath, attribute_type: str | None = None) -> Any:
    """A value as SCIM has it: a text, or a boolean or an integer where the target attribute is one.

    What an expression gives as another type is printed as Microsoft prints it: a date as `3/16/2020 12:00:00 AM` (UTC),
    a boolean as `True`, a number as its digits. `attribute_type` is Graph's, of the target directory's attribute
    definition. A text that does not fit stays. Raises ValueProblem for a value that cannot be printed.
    """
    if isinstance(value, list):
        return [typed(item, path, attribute_type) for item in value]
    if value is None or isinstance(value, Mapping):
        return value
    text = value if isinstance(value, str) else as_text(value)
    if attribute_type == "Boolean" or path.is_boolean:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if attribute_type == "Integer" and re.fullmatch(r"[+-]?\d{1,4000}", text.strip()):
        return int(text)
    return text


def compose(object_name: str, values: Mapping[str, Any], *, types: Mapping[str, str] | None = None) -> Json:
    """The resource with these values, as Entra creates it. What is None or empty is left out.

    `types` gives Graph's attribute type of a path, where it is known. A user's body names the enterprise extension and
    an empty list of roles, as the documented one does, whether or not anything is in them. Raises PathError for paths
    that cannot be in one resource, such as `emails.value` beside `emails[type eq "work"].value`.
    """
    kind = resource_type(object_name)
    core = CORE_USER if kind == "User" else CORE_GROUP
    schemas = [core] if object_name == core else [core, object_name]
    made: Json = {"meta": {"resourceType": kind}}
    forms: dict[tuple[str | None, str], str] = {}
    if kind == "User":
        made["roles"] = []
    for text, value in values.items():
        if value is None or value in ("", []):
            continue
        path = TargetPath.parse(text)
        if path.schema is not None and path.schema not in schemas:
            schemas.append(path.schema)
        form = "element" if path.element is not None else "part" if path.sub is not None else "whole"
        if forms.setdefault((path.schema, path.attribute), form) != form:
            raise PathError(f"{text!r} cannot be sent beside another target attribute of {path.attribute}")
        place = made if path.schema is None else made.setdefault(path.schema, {})
        _set(place, path, typed(value, path, (types or {}).get(text)))
    made["schemas"] = schemas
    first = [name for name in _FIRST if name in made]
    return {name: made[name] for name in first + sorted(made.keys() - set(first))}


def decompose(resource: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The values that a resource has at these paths; those that it lacks are left out."""
    found = {path: value_at(resource, TargetPath.parse(path)) for path in paths}
    return {path: value for path, value in found.items() if value is not None}


def value_at(resource: Mapping[str, Any], path: TargetPath) -> Any:
    """The value of a resource at a path, None when it has none.

    Of a reference, `manager` or `members`, it is the identifier, or the list of them. Names count without case
    (RFC 7643 section 2.1).
    """
    place: Any = resource if path.schema is None else _member(resource, path.schema)
    found = _member(place, path.attribute)
    if path.element is not None:
        found = _element(found, *path.element)
    if path.sub is not None:
        return _member(found, path.sub)
    if path.element is None and isinstance(found, list):
        return [_identifier(item) for item in found]
    return _identifier(found) if path.element is None else found


def _set(place: Json, path: TargetPath, value: Any) -> None:
    if path.element is not None:
        elements: list[Json] = place.setdefault(path.attribute, [])
        found = _element(elements, *path.element)
        if found is None:
            found = _new_element(path)
            elements.append(found)
        if path.sub is not None:
            found[path.sub] = value
    elif path.sub is not None:
        place.setdefault(path.attribute, {})[path.sub] = value
    else:
        place[path.attribute] = value


def _new_element(path: TargetPath) -> Json:
    key, wanted = path.element or ("", "")
    element: Json = {key: typed(wanted, TargetPath(None, key))}
    # The documented body marks the work address of `emails`; it shows no other attribute with several values.
    if path.attribute.lower() == "emails" and (key.lower(), wanted.lower()) == ("type", "work"):
        return {"primary": True, **element}
    return element


def _element(items: Any, key: str, wanted: str) -> Any:
    if not isinstance(items, list):
        return None
    return next((item for item in items if str(_member(item, key)).lower() == wanted.lower()), None)


def _member(place: Any, name: str) -> Any:
    if not isinstance(place, Mapping):
        return None
    if name in place:
        return place[name]
    return next((value for key, value in place.items() if key.lower() == name.lower()), None)


def _identifier(value: Any) -> Any:
    return value["value"] if isinstance(value, Mapping) and "value" in value else value
