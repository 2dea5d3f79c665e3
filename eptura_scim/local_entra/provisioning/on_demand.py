"""Provision on demand: one user, or one group with up to five members, now, with the result of each step.

Sources: Microsoft Graph, synchronizationJob: provisionOnDemand (request, answer, 5 requests in 10 seconds); Microsoft,
"On-demand provisioning in Microsoft Entra ID" (steps, limits), "Known issues … with SCIM 2.0 protocol compliance" (the
flag aadOptscim062020 does not work here). Names of steps that the reference's samples do not show are inferred.
"""

from __future__ import annotations

import json
import uuid
from collections import deque
from datetime import datetime, timedelta

from eptura_scim.local_entra.clock import Clock, timestamp
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.provisioning.compiled_rules import CompiledRules
from eptura_scim.local_entra.provisioning.job_config import JobConfigs
from eptura_scim.local_entra.provisioning.members import MemberSync
from eptura_scim.local_entra.provisioning.object_sync import ObjectOutcome, ObjectSync
from eptura_scim.local_entra.provisioning.outcome_details import explained, modified, steps
from eptura_scim.local_entra.provisioning.scheduler import Provisioning
from eptura_scim.local_entra.provisioning.target import Target, TargetError
from eptura_scim.types import Json, Kind

__all__ = ["OnDemandService"]

_REQUESTS = 5
_WINDOW = timedelta(seconds=10)
_MEMBERS = 5
_STATUS_INFO = "Microsoft.Identity.Health.CPP.Common.DataContracts.SyncFabric.StatusInfo"


class OnDemandService:
    """Answers provisionOnDemand."""

    def __init__(self, provisioning: Provisioning, job_configs: JobConfigs, clock: Clock) -> None:
        self._provisioning = provisioning
        self._job_configs = job_configs
        self._people = job_configs.people
        self._switches = job_configs.switches
        self._clock = clock
        self._asked: deque[datetime] = deque(maxlen=_REQUESTS)

    async def run(self, service_principal: str, job_id: str, body: Json) -> Json:
        """Provision what the body names; the key and value pair of the answer. Raises ODataError."""
        began = self._clock()
        self._limit(began)
        self._job_configs.synchronization.require_credentials(("servicePrincipals", service_principal), "run on demand")
        try:
            job_config = self._job_configs.of((service_principal, job_id))
        except TargetError as error:
            raise ODataError.bad_request(error.message, error.code) from None
        settings, rules = job_config.settings, job_config.rules
        kind, source, members = self._subject(body, rules)
        try:
            async with self._provisioning.client() as http:
                target = Target(http, settings.tenant_url, settings.token, self._provisioning.requests.append)
                await target.test(job_config.test_attribute)
                sync = job_config.sync(target, "entra", is_initial=False)
                outcome = await self._provisioned(sync, kind, source, members)
        except TargetError as error:
            outcome = ObjectOutcome(kind, source).failed(error)
        self._provisioning.log.add((service_principal, job_id), str(uuid.uuid4()), outcome, rules, began)
        return self._answer(outcome, rules, began)

    async def _provisioned(self, sync: ObjectSync, kind: Kind, source: str, members: list[str]) -> ObjectOutcome:
        outcome, is_held = await sync.sync(kind, source)
        if is_held:
            # Documented for users who were unassigned, and not for those that were disabled or deleted.
            if outcome.verdict is None or not outcome.verdict.is_active:
                return outcome.skipped("NotEffectivelyEntitled")
            outcome = await sync.deprovision(outcome)
        link = sync.state.link(source)
        if kind == "Group" and members and link is not None and link.in_scope and outcome.status != "Failure":
            row = sync.rules.groups.members
            syncing = MemberSync(sync.people, sync.state, sync.target, sync.switches, "entra", adds_only=row is None)
            done = await syncing.sync(source, all_members=True, only=members)
            if done.code:
                return outcome.failed(TargetError(done.code, done.message))
            if done.added or done.removed:
                outcome.status, outcome.code = "Success", ""
                outcome.action = "Update" if outcome.action == "Other" else outcome.action
        return outcome

    def _limit(self, now: datetime) -> None:
        if len(self._asked) == _REQUESTS and (wait := self._asked[0] + _WINDOW - now) > timedelta():
            raise ODataError(
                429,
                "TooManyRequests",
                f"Provision on demand takes {_REQUESTS} requests in {_WINDOW.seconds} seconds.",
                {"Retry-After": str(int(-(-wait // timedelta(seconds=1))))},
            )
        self._asked.append(now)

    def _subject(self, body: Json, rules: CompiledRules) -> tuple[Kind, str, list[str]]:
        try:
            [parameters] = body["parameters"]
            [subject] = parameters["subjects"]
            rule, source, name = parameters["ruleId"], subject["objectId"], str(subject["objectTypeName"])
            links = (subject.get("links") or {}).get("members") or []
            members = [str(member["objectId"]) for member in links]
        except (KeyError, ValueError, TypeError, AttributeError):
            raise ODataError.bad_request(
                "One object of parameters with a ruleId and one subject (objectId, objectTypeName) is expected."
            ) from None
        kind: Kind | None = {"user": "User", "group": "Group"}.get(name.lower())  # type: ignore[assignment]
        if rule != rules.id:
            raise ODataError.bad_request(f"The synchronization rule '{rule}' does not exist.")
        if kind is None or not rules.of(kind).enabled:
            raise ODataError.bad_request(f"Objects of type '{name}' are not provisioned.")
        if len(members) > _MEMBERS or (members and kind != "Group"):
            raise ODataError.bad_request(f"A group with up to {_MEMBERS} members is expected.")
        if self._people.kind(source) != kind.lower() or self._people.find(source) is None:
            raise ODataError.no_object(source)
        return kind, source, members

    def _answer(self, outcome: ObjectOutcome, rules: CompiledRules, began: datetime) -> Json:
        value = _value(outcome, rules, began, self._clock())
        if self._switches.provision_on_demand_key == "status info":
            return {"key": _STATUS_INFO, "value": json.dumps([value])}
        details = {"errorCode": outcome.code, "errorMessage": explained(outcome)} if outcome.code else {}
        return {"key": json.dumps({"result": outcome.status, "details": details}), "value": json.dumps(value)}


def _value(outcome: ObjectOutcome, rules: CompiledRules, began: datetime, ended: datetime) -> Json:
    failed = outcome.status == "Failure"
    return {
        "action": outcome.action,
        "changeId": str(uuid.uuid4()),
        "endTime": timestamp(ended),
        "modifiedProperties": modified(outcome),
        "provisioningSteps": [{**step, "timestamp": timestamp(ended)} for step in steps(outcome, rules)],
        "reportableIdentifier": outcome.label or None,
        "startTime": timestamp(began),
        "statusInfo": {
            "status": outcome.status,
            "errorCode": outcome.code if failed else None,
            "reason": outcome.message if failed else None,
            "additionalDetails": None,
            "errorCategory": None,
            "recommendedAction": None,
        },
        "sourceIdentity": {"id": outcome.source, "type": outcome.kind, "displayName": None, "details": None},
        "sourceSystem": {"id": None, "name": rules.source_directory, "details": None},
        "targetIdentity": {
            "id": outcome.target,
            "type": rules.of(outcome.kind).target_object,
            "displayName": None,
            "details": None,
        },
        "targetSystem": {"id": None, "name": rules.target_directory, "details": None},
    }
