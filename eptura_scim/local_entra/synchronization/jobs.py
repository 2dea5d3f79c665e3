"""Synchronization jobs, secrets and schemas: state and rules.

Source: Microsoft Graph v1.0, "Microsoft Entra synchronization API overview" and the pages it links. What they leave
open is in `Switches`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Literal

from eptura_scim.graph.secrets import MASKED, SECRETS_BYTES, secrets_size
from eptura_scim.local_entra.clock import NEVER, Clock, timestamp
from eptura_scim.local_entra.directory.applications import ApplicationRegistry
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.app_records import AppRecord, JobRecord
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.cycle_memory import CycleStates
from eptura_scim.local_entra.synchronization.job_status import QuarantineReason, quarantine
from eptura_scim.local_entra.synchronization.job_templates import (
    check_schema_is_known,
    job_templates,
    shown_template,
)
from eptura_scim.local_entra.synchronization.schema import SECRET_KEYS, check_schema, default_schema, new_version
from eptura_scim.local_entra.synchronization.secret_keys import SENSITIVE_KEYS
from eptura_scim.types import Json, copied

__all__ = [
    "Synchronization",
    "find_directory",
    "read_pairs",
]

_INTERVAL = "PT40M"  # of a SCIM job, in published output; it cannot be configured
_RESET_SCOPES = ("None", "ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes")
# As a published job that was started with a tenant URL that is not valid.
_NO_CREDENTIALS = {
    "code": "SystemForCrossDomainIdentityManagementInvalidCredentials",
    "message": "Please provide a valid tenant URL for your application.",
    "tenantActionable": True,
}
_PORTAL_RESTART = ["QuarantineState", "Watermark", "Escrows"]  # what an empty criteria means, as documented


class Synchronization:
    """The provisioning of the directory's applications.

    Methods take the path's kind (`servicePrincipals` or `applications`) with the object id as one `owner`.
    """

    def __init__(self, directory: ApplicationRegistry, switches: Switches, clock: Clock, states: CycleStates) -> None:
        self._directory = directory
        self._states = states
        self._switches = switches
        self._clock = clock
        self.lock = directory.lock

    # Templates

    def templates(self, owner: tuple[str, str]) -> list[Json]:
        """The templates that jobs of this application can be made from."""
        with self.lock:
            record = self._directory.record_of(*owner)
            return [shown_template(name, record) for name in job_templates(record)]

    def template_schema(self, owner: tuple[str, str], template: str) -> Json:
        """The schema that a job of the template starts with. Raises ODataError 404."""
        with self.lock:
            if template not in job_templates(self._directory.record_of(*owner)):
                raise ODataError.no_synchronization_resource("template", template)
            check_schema_is_known(template)
            return default_schema(
                f"{template}.{uuid.UUID(int=0).hex}",
                group_mapping_enabled=self._switches.group_mapping_enabled,
                version="1.0",
            )

    # Jobs

    def create_job(self, owner: tuple[str, str], template: Any) -> Json:
        """A new job, which does not run yet. Raises ODataError 400."""
        with self.lock:
            record = self._directory.record_of(*owner)
            if not isinstance(template, str) or template not in job_templates(record):
                raise ODataError.bad_request(f"The template '{template}' does not exist for this application.")
            # Published ids are <template>.<tenant>.<appId>; what a second job of the app is called is undocumented.
            suffix = record.application["appId"] if record.jobs_created == 0 else str(uuid.uuid4())
            job = JobRecord(
                id=f"{template}.{uuid.UUID(self._directory.tenant.id).hex}.{suffix}",
                template_id=template,
                created=timestamp(self._clock()),
                status_code=self._switches.fresh_job_code,
                schema_version="1.0",
                group_mapping_enabled=self._switches.group_mapping_enabled,
            )
            record.jobs[job.id] = job
            record.jobs_created += 1
            self._directory.save(record)
            self._note(record, "Add provisioning configuration")
            return _shown(job)

    def jobs(self, owner: tuple[str, str]) -> list[Json]:
        """All jobs of an application, oldest first."""
        with self.lock:
            return [_shown(job) for job in self._directory.record_of(*owner).jobs.values()]

    def service_principal(self, owner: tuple[str, str]) -> str:
        """Object id of the service principal that an owner has, or is."""
        with self.lock:
            return _service_principal(self._directory.record_of(*owner))

    def all_jobs(self) -> list[tuple[str, str]]:
        """Object id of the service principal and id of every job of the tenant."""
        with self.lock:
            found = [found["id"] for found in self._directory.service_principals()]
            return [(owner, job) for owner in found for job in self._directory.record(owner).jobs]

    def job(self, owner: tuple[str, str], job_id: str) -> Json:
        """A job."""
        with self.lock:
            return _shown(self._job(owner, job_id)[1])

    def restarts(self, owner: tuple[str, str], job_id: str) -> list[list[str]]:
        """The reset scopes of each restart of a job, oldest first."""
        with self.lock:
            return copied(self._job(owner, job_id)[1].restarts)

    def delete_job(self, owner: tuple[str, str], job_id: str) -> None:
        """Delete a job; "synchronized accounts are left as-is"."""
        with self.lock:
            record, job = self._job(owner, job_id)
            del record.jobs[job.id]
            self._directory.save(record)
            self._note(record, "Delete provisioning configuration")
            self._states.forget(job.id)

    def start(self, owner: tuple[str, str], job_id: str) -> None:
        """Start or resume; also ends a quarantine. Without credentials the first cycle begins the next one."""
        with self.lock:
            record, job = self._job(owner, job_id)
            if self._switches.start_without_credentials == "refused":
                self._require_credentials(record, "started")
            job.status_code = _running(job)
            job.quarantine = None
            job.schedule_state, job.was_started = "Active", True
            self._directory.save(record)
            self._note(record, "Enable/start provisioning configuration")

    def require_credentials(self, owner: tuple[str, str], what: str) -> None:
        """Refuse to do `what` (a participle) with a job that has no saved credentials. Raises ODataError."""
        with self.lock:
            self._require_credentials(self._directory.record_of(*owner), what)

    def pause(self, owner: tuple[str, str], job_id: str) -> None:
        """Stop: a running cycle ends, no further one starts, what is known of it is kept."""
        with self.lock:
            record, job = self._job(owner, job_id)
            job.schedule_state = self._switches.state_after_pause
            job.status_code = "Paused"
            self._directory.save(record)
            self._note(record, "Disable/pause provisioning configuration")

    def quarantine(self, owner: tuple[str, str], job_id: str, reason: QuarantineReason) -> None:
        """Put a job into quarantine as a cycle does."""
        with self.lock:
            record, job = self._job(owner, job_id)
            quarantine(job, reason, _NO_CREDENTIALS, self._clock(), self._switches)
            self._directory.save(record)

    def restart(self, owner: tuple[str, str], job_id: str, scope: Any) -> None:
        """Forget what the scope names; noted, and the quarantine ended if it is among them."""
        scopes = _reset_scopes(scope)
        with self.lock:
            record, job = self._job(owner, job_id)
            job.restarts.append(scopes)
            if "Watermark" in scopes or "Full" in scopes:
                job.needs_initial_cycle = True
            if job.schedule_state != "Active" and self._switches.restart_of_paused == "starts":
                job.schedule_state, job.status_code = "Active", _running(job)
            if job.status_code == "Quarantine" and {"QuarantineState", "Full"} & set(scopes):
                job.status_code = _running(job)
                job.quarantine = None
            self._directory.save(record)
            self._note(record, "Enable/restart provisioning configuration")

    def forget_link(self, owner: tuple[str, str], job_id: str, source: str) -> None:
        """Forget an object's counterpart in the target. Raises ODataError 409 while the job is on."""
        with self.lock:
            _, job = self._job(owner, job_id)
            if job.schedule_state == "Active":
                raise ODataError(
                    409, "Conflict", "The synchronization job is active: pause it before a connection is deleted."
                )
            self._states.of(job.id).forget_link(source)

    # Schema

    def schema(self, owner: tuple[str, str], job_id: str) -> Json:
        """A job's schema, to be read: only its first level is the caller's own."""
        with self.lock:
            return _schema(self._job(owner, job_id)[1])

    def put_schema(self, owner: tuple[str, str], job_id: str, schema: Json) -> None:
        """Replace a job's schema: kept exactly as sent, but for `version`. The next cycle is an initial one."""
        with self.lock:
            record, job = self._job(owner, job_id)
            check_schema(schema, job.schema_version, self._switches)
            kept = {name: value for name, value in schema.items() if name != "@odata.context"}
            self._keep_schema(record, job, copied(kept))
            self._note(record, "Update attribute mappings or scope")

    def reset_schema(self, owner: tuple[str, str], job_id: str) -> None:
        """Bring a job's default schema back."""
        with self.lock:
            record, job = self._job(owner, job_id)
            self._keep_schema(record, job, None)
            self._note(record, "Update attribute mappings or scope")

    def discover(self, owner: tuple[str, str], job_id: str, directory_id: str) -> Json:
        """A directory definition, its discovery time set. The target is not asked; see the package's limits."""
        with self.lock:
            record, job = self._job(owner, job_id)
            schema = copied(_schema(job))
            found = find_directory(schema, directory_id)
            found["discoveryDateTime"] = timestamp(self._clock())
            job.schema_document = schema
            self._directory.save(record)
            return found

    # Secrets

    def secrets(self, owner: tuple[str, str]) -> list[dict[str, str]]:
        """The saved secrets as GET shows them: sensitive ones masked."""
        return [
            {"key": key, "value": MASKED if key in SENSITIVE_KEYS else value}
            for key, value in self.saved_secrets(owner).items()
        ]

    def saved_secrets(self, owner: tuple[str, str]) -> dict[str, str]:
        """The saved secrets in clear, for the connection test and cycles."""
        with self.lock:
            return self._directory.secrets(_service_principal(self._directory.record_of(*owner)))

    def put_secrets(self, owner: tuple[str, str], pairs: Any) -> None:
        """Save secrets. An empty value removes its key (that is how the azuread provider deletes)."""
        sent = read_pairs(pairs)
        with self.lock:
            record = self._directory.record_of(*owner)
            service_principal = _service_principal(record)
            saved = self._directory.secrets(service_principal)
            if self._switches.secrets_put_masked == "kept":
                sent = {key: saved.get(key, "") if value == MASKED else value for key, value in sent.items()}
            merged = {**saved, **sent} if self._switches.secrets_put == "merge" else sent
            _check_size(merged)
            self._directory.save_secrets(service_principal, {key: value for key, value in merged.items() if value})
            self._note(record, "Update provisioning setting or credentials")

    # Inside; the lock is held

    def _note(self, record: AppRecord, activity: str) -> None:
        principal = record.principal or {}
        target = ("ServicePrincipal", str(principal.get("id", "")), str(principal.get("displayName", "")))
        self._directory.audit.add(activity, "ProvisioningManagement", target)

    def _job(self, owner: tuple[str, str], job_id: str) -> tuple[AppRecord, JobRecord]:
        record = self._directory.record_of(*owner)
        # Ids in paths count in either case, and those of the gallery's templates have capitals.
        found = next((job for identifier, job in record.jobs.items() if identifier.lower() == job_id.lower()), None)
        if found is None:
            raise ODataError.no_synchronization_resource("synchronization job", job_id)
        return record, found

    def _keep_schema(self, record: AppRecord, job: JobRecord, document: Json | None) -> None:
        job.schema_document = document
        job.schema_version = new_version(timestamp(self._clock()), str(uuid.uuid4()))
        job.needs_initial_cycle = True
        self._directory.save(record)

    def _require_credentials(self, record: AppRecord, what: str) -> None:
        saved = self._directory.secrets(_service_principal(record))
        if not saved.get("BaseAddress") or not (saved.get("SecretToken") or saved.get("Oauth2ClientSecret")):
            raise ODataError.bad_request(
                f"The synchronization job cannot be {what}: no credentials are saved for the application.",
                "CredentialsMissing",
            )


def read_pairs(pairs: Any) -> dict[str, str]:
    """Key and value pairs of secrets. Raises ODataError for an unknown key or a value that is not text."""
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise ODataError.bad_request("A list of key and value pairs is expected.")
    found: dict[str, str] = {}
    for pair in pairs:
        key, value = pair.get("key"), pair.get("value")
        if not isinstance(key, str) or key not in SECRET_KEYS:
            raise ODataError.bad_request(f"Requested value '{key}' was not found in synchronizationSecret.")
        if value is not None and not isinstance(value, str):
            raise ODataError.bad_request(f"The value of '{key}' is not a string.")
        found[key] = value or ""
    return found


def _check_size(secrets: Mapping[str, str]) -> None:
    """Raise ODataError for more than a service principal can store.

    Source: Microsoft, "Problem saving administrator credentials while configuring user provisioning". Code and text of
    the answer are undocumented; the text has that page's words.
    """
    if secrets_size(secrets) > SECRETS_BYTES:
        raise ODataError.bad_request(
            f"The maximum storage capacity of {SECRETS_BYTES} bytes for all certificates, secret tokens, credentials, "
            "and related configuration data associated with a single instance of an application has been exceeded."
        )


def find_directory(schema: Json, directory_id: str) -> Json:
    """A directory definition of a schema, by id. Raises ODataError 404."""
    for directory in schema["directories"]:
        if directory.get("id") == directory_id:
            found: Json = directory
            return found
    raise ODataError.no_synchronization_resource("directory", directory_id)


def _service_principal(record: AppRecord) -> str:
    if record.principal is None:
        raise ODataError.no_object(record.application["appId"])
    return str(record.principal["id"])


def _schema(job: JobRecord) -> Json:
    """The schema of a job; what it holds is replaced as a whole and never edited in place."""
    if job.schema_document is None:
        check_schema_is_known(job.template_id)
        return default_schema(job.id, group_mapping_enabled=job.group_mapping_enabled, version=job.schema_version)
    return {**job.schema_document, "version": job.schema_version}


def _reset_scopes(scope: Any) -> list[str]:
    """A flags string such as `Watermark, Escrows`."""
    if scope is None or scope == "":
        return _PORTAL_RESTART
    names = [part.strip() for part in str(scope).split(",")]
    for name in names:
        if name not in _RESET_SCOPES:
            raise ODataError.bad_request(f"Requested value '{name}' was not found in synchronizationJobRestartScope.")
    return names


def _running(job: JobRecord) -> Literal["NotRun", "Active"]:
    """The code of a job that is on: whether its first cycle came to an end."""
    return "NotRun" if job.steady_state_first == NEVER else "Active"


def _shown(job: JobRecord) -> Json:
    """A job as published output shows it."""
    return {
        "id": job.id,
        "templateId": job.template_id,
        "schedule": {"expiration": None, "interval": _INTERVAL, "state": job.schedule_state},
        "status": {
            "countSuccessiveCompleteFailures": job.complete_failures,
            "escrowsPruned": job.escrows_pruned,
            "code": job.status_code,
            "lastExecution": copied(job.last_execution),
            "lastSuccessfulExecution": copied(job.last_successful_execution),
            "lastSuccessfulExecutionWithExports": copied(job.last_successful_execution_with_exports),
            "quarantine": copied(job.quarantine),
            "steadyStateFirstAchievedTime": job.steady_state_first,
            "steadyStateLastAchievedTime": job.steady_state_last,
            "troubleshootingUrl": None if job.last_execution is None else "",
            "progress": copied(job.progress),
            "synchronizedEntryCountByType": [
                {"key": key, "value": value} for key, value in sorted(job.synchronized.items())
            ],
        },
        "synchronizationJobSettings": [{"name": "AzureIngestionAttributeOptimization", "value": "False"}],
    }
