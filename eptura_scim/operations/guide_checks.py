"""Each line of the guide against what is live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from eptura_scim import documented
from eptura_scim.adoption.configuration import phone_mode, same_mapping
from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.graph.secrets import MASKED
from eptura_scim.mapping import AttributeMapping, Mappings, same_source
from eptura_scim.operations.live_application import LiveApplication, Unread
from eptura_scim.operations.portal_words import NOT_SET, shown
from eptura_scim.quantities import counted

__all__ = ["CHECKS", "Check", "Result"]

Result = Literal["ok", "differs", "chosen", "unknown", "nothing"]
"""`chosen`: another choice that the guide leaves open. `unknown`: it cannot be read. `nothing`: the line leaves nothing
to read in Entra."""


class Check(NamedTuple):
    """What came of a line."""

    result: Result
    live: str


_Rule = Callable[[LiveApplication], Check]
_GUIDE = documented.mappings()
_WORK, _MOBILE = (documented.PHONES[name].target for name in ("work", "mobile"))


def _of(good: bool, live: object) -> Check:
    return Check("ok" if good else "differs", str(live))


def _no_trace(_live: LiveApplication) -> Check:
    return Check("nothing", "")


def _enterprise_application(live: LiveApplication) -> Check:
    if isinstance(live.principal, Unread):
        return Check("unknown", live.principal.reason)
    listed = FEATURE_TAGS["enterprise"] in live.principal.tags
    return _of(listed, "shown in the list" if listed else "not shown in the list: its tag is missing")


def _name(live: LiveApplication) -> Check:
    if isinstance(live.principal, Unread):
        return Check("unknown", live.principal.reason)
    name = live.principal.display_name
    return Check("ok" if name == documented.APPLICATION_NAME else "chosen", name)


def _template(live: LiveApplication) -> Check:
    if isinstance(live.application, Unread):
        return Check("unknown", live.application.reason)
    if live.application is None:
        return Check("differs", "this tenant has no application behind the enterprise application")
    if not live.template_id:
        return Check("unknown", "the template of this cloud is not known")
    found = live.application.application_template_id
    good = found == live.template_id
    return _of(good, "not in the gallery" if good else f"template {found}" if found else "made without a template")


def _job(live: LiveApplication) -> Check:
    return _of(live.job.template_id == documented.SYNCHRONIZATION_TEMPLATE, f"a job of template {live.job.template_id}")


def _one_job(live: LiveApplication) -> Check:
    if isinstance(live.jobs, Unread):
        return Check("unknown", live.jobs.reason)
    return _of(len(live.jobs) == 1, counted(len(live.jobs), "job"))


def _tenant_url(live: LiveApplication) -> Check:
    if isinstance(live.connection, Unread):
        return Check("unknown", live.connection.reason)
    url = live.connection.tenant_url
    if url == MASKED:
        return Check("unknown", "Graph hides it")
    parts = urlsplit(url)
    return _of(parts.scheme == "https" and parts.path.rstrip("/") == "/scim/v1", url or NOT_SET)


def _token(live: LiveApplication) -> Check:
    if isinstance(live.connection, Unread):
        return Check("unknown", live.connection.reason)
    return _of(live.token_saved, "a token is saved" if live.token_saved else "no token is saved")


def _saved(live: LiveApplication) -> Check:
    tested = _tested(live)
    return Check("differs", "the saved connection fails the test") if tested.result == "differs" else tested


def _tested(live: LiveApplication) -> Check:
    if isinstance(live.connection_test, Unread):
        return Check("unknown", f"not tested: {live.connection_test.reason}")
    return _of(not live.connection_test, live.connection_test or "the saved connection passes the test")


def _scope(live: LiveApplication) -> Check:
    if isinstance(live.connection, Unread):
        return Check("unknown", live.connection.reason)
    scope = live.connection.scope
    said = "not set: Entra's default decides" if scope == "unset" else shown("", ("scope",), scope)
    return _of(scope == "all", said)


def _status(live: LiveApplication) -> Check:
    return _of(live.job.scheduled, "On" if live.job.scheduled else "Off")


def _cycle(live: LiveApplication) -> Check:
    status = live.status
    return Check("unknown" if status.health == "unknown" else "ok", f"{status.cycle} cycle, {status.state}")


def _next_run(live: LiveApplication) -> Check:
    run = live.status.next_run
    return Check("ok", f"{run.time:%Y-%m-%d %H:%M} UTC" if run else "no next run: the job does not wait for one")


def _mapped(rule: Callable[[Mappings], Check]) -> _Rule:
    def check(live: LiveApplication) -> Check:
        return Check("unknown", live.mappings.reason) if isinstance(live.mappings, Unread) else rule(live.mappings)

    return check


def _enabled(name: str) -> _Rule:
    return _mapped(lambda live: _of(getattr(live, name), "Yes" if getattr(live, name) else "No"))


def _described(row: AttributeMapping | None) -> str:
    return "not mapped" if row is None else shown("", (), row.model_dump(by_alias=True, exclude_none=True))


def _row(target: str) -> _Rule:
    def rule(live: Mappings) -> Check:
        row = live.users.get(target)
        return _of(same_mapping(row, _GUIDE.users[target]), _described(row))

    return _mapped(rule)


def _only_listed(live: Mappings) -> Check:
    extra = sorted(live.users.keys() - _GUIDE.users.keys() - {_WORK, _MOBILE})
    return _of(not extra, f"also mapped: {', '.join(extra)}" if extra else "these alone")


def _phone(target: str) -> _Rule:
    return _mapped(lambda live: Check("chosen" if target in live.users else "ok", _described(live.users.get(target))))


def _rfc3966(live: Mappings) -> Check:
    modes = {
        name: phone_mode(live, name) or "another expression"
        for name, row in documented.PHONES.items()
        if row.target in live.users
    }
    if not modes:
        return Check("ok", "no telephone number is sent")
    said = ", ".join(f"{name}: {mode}" for name, mode in modes.items())
    if "another expression" in modes.values():
        return Check("unknown", said)
    return _of(set(modes.values()) == {"rfc3966"}, said)


def _required_alone(live: Mappings) -> Check:
    phones = [target for target in (_WORK, _MOBILE) if target in live.users]
    return Check("chosen" if phones else "ok", f"also {', '.join(phones)}" if phones else "no telephone number")


def _field(kind: Literal["users", "groups"], target: str, field: str, wire: str) -> _Rule:
    def rule(live: Mappings) -> Check:
        row, wanted = getattr(live, kind).get(target), getattr(_GUIDE, kind)[target]
        if row is None:
            return Check("differs", f"{target} is not mapped")
        value = getattr(row, field)
        good = same_source(value, wanted.source) if field == "source" else value == getattr(wanted, field)
        return _of(good, shown("", (wire,), value))

    return _mapped(rule)


def _direct(live: Mappings) -> Check:
    row = live.users.get("externalId")
    if row is None:
        return Check("differs", "externalId is not mapped")
    source = (row.source or "").strip()
    kind = "Direct" if source.startswith("[") else "Constant" if source.startswith('"') else "Expression"
    return _of(kind == "Direct", kind)


def _target(live: Mappings) -> Check:
    return _of("externalId" in live.users, "externalId" if "externalId" in live.users else "externalId is not mapped")


def _groups(live: Mappings) -> Check:
    return _of(bool(live.groups), counted(len(live.groups), "mapping"))


def _group_name(live: Mappings) -> Check:
    """C1: the last word is 2; to leave the name out is a choice."""
    row = live.groups.get("displayName")
    if row is None:
        return Check("differs", "displayName is not mapped")
    said = shown("", ("matchingPrecedence",), row.matching_precedence)
    return Check("chosen", said) if row.matching_precedence == 0 else _of(row.matching_precedence == 2, said)


_group_rank = _field("groups", "externalId", "matching_precedence", "matchingPrecedence")
_USER_ROWS = dict(zip(range(14, 20), _GUIDE.users, strict=True))

CHECKS: Mapping[int, _Rule] = {
    **dict.fromkeys((1, 2, 31, 37, 39, 40, 43, 44, 48, 49), _no_trace),
    3: _enterprise_application,
    4: _name,
    5: _template,
    6: _job,
    7: _one_job,
    8: _tenant_url,
    9: _token,
    10: _tested,
    11: _saved,
    12: _enabled("provision_users"),
    13: _mapped(_only_listed),
    **{number: _row(target) for number, target in _USER_ROWS.items()},
    20: _phone(_WORK),
    21: _phone(_MOBILE),
    22: _mapped(_rfc3966),
    23: _mapped(_only_listed),
    24: _mapped(_required_alone),
    25: _mapped(_direct),
    26: _field("users", "externalId", "source", "source"),
    27: _field("users", "externalId", "default_value", "defaultValue"),
    28: _mapped(_target),
    29: _field("users", "externalId", "matching_precedence", "matchingPrecedence"),
    30: _field("users", "externalId", "apply", "apply"),
    32: _mapped(_groups),
    33: _enabled("provision_groups"),
    34: _mapped(_group_name),
    35: _group_rank,
    36: _group_rank,
    38: _mapped(_group_name),
    41: _scope,
    42: _status,
    45: _cycle,
    46: lambda live: Check("ok", f"the schedule is {live.job.schedule.state}"),
    47: _next_run,
}
"""The rule of each line, by its number."""
