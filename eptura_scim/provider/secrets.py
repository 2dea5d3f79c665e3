"""SynchronizationSecrets: the connection to the SCIM endpoint and the settings that Graph keeps beside it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from eptura_scim.environment import try_out_leak
from eptura_scim.graph.consistency import Consistency
from eptura_scim.graph.errors import CredentialsRejectedError, GraphError, NotFoundError
from eptura_scim.graph.secrets import (
    CONNECTION_FAILS,
    MANAGED_KEYS,
    MASKED,
    SAVED_CONNECTION_FAILED,
    SAVED_TOKEN_NOT_TESTED,
    ConnectionSettings,
    same_endpoint,
    too_long,
)
from eptura_scim.graph.synchronization import ConnectionCredentials, JobRef, ResetScope, SynchronizationClient
from eptura_scim.input_rules import Email, HeaderText, TenantUrl, Threshold, header_text
from eptura_scim.plugin_sdk.difference import Path
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.messages import warn
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.base import JobInputs, JobResource, parse_id
from eptura_scim.provider.fingerprint import IMPORTED, fingerprint_for, is_fingerprint, same_fingerprint
from eptura_scim.provider.paused_changes import REEVALUATE, RELINK
from eptura_scim.sealing import PREFIX, SealingKey

__all__ = ["SecretsInputs", "SynchronizationSecrets", "sealing_key"]

_EVALUATED = frozenset({"tenantUrl", "scope", "skipOutOfScopeDeletions"})
"""Settings by which Entra decides about all users and groups: a change of these takes effect by a restart."""

_key = SealingKey()


async def sealing_key(_arguments: dict[str, Any]) -> dict[str, Any]:
    """The function `sealingKey`: what a program seals the token with, so that the engine's log cannot show it."""
    return {"publicKey": _key.public}


def _unsealed(token: object) -> str:
    """Raises ValueError for what cannot be a token."""
    text = token if isinstance(token, str) else ""
    return header_text(_key.unseal(text) if text.startswith(PREFIX) else text)


class SecretsInputs(JobInputs):
    """The synchronization secrets as typed fields; one PUT writes them all."""

    tenant_url: TenantUrl = Field(description="The portal's Tenant URL.")
    secret_token: HeaderText | None = Field(
        default=None,
        description="The portal's Secret Token. It is used by the run and never kept in the state.",
        json_schema_extra={"writeOnly": True},
    )
    secret_token_fingerprint: str | None = Field(
        default=None, description="Set by the provider: changes when the token does."
    )
    scope: Literal["all", "assigned"] = Field(
        default="all", description="The portal's Scope: `all` users and groups, or only `assigned` ones."
    )
    notification_email: Email | None = Field(default=None, description="Who is told when provisioning fails.")
    accidental_deletion_threshold: Threshold | None = Field(
        default=None, description="Deletions in one cycle above which provisioning stops; left out, no limit."
    )
    skip_out_of_scope_deletions: bool = Field(
        default=False, description="Whether users who leave the scope stay active at the target."
    )
    test_saved_token: bool = Field(
        default=True, description="Whether a refresh tests the saved token, so that a revoked one shows."
    )


class SynchronizationSecrets(JobResource[SecretsInputs]):
    """The connection of a synchronization job (tenant URL and token, tested before they are saved), its scope, whom to
    notify, and the accidental deletion threshold.
    """

    inputs = SecretsInputs

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._tokens: dict[str, str] = {}  # by URN, for this run: the state never holds one

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Keep the token in memory and leave its fingerprint."""
        rest = {name: value for name, value in new.items() if name != "secretToken"}
        token = new.get("secretToken")
        if token is UNKNOWN:
            return {**rest, "secretTokenFingerprint": UNKNOWN}
        known = old.get("secretTokenFingerprint")
        if token is None and "secretTokenFingerprint" in new:  # an import checks what it has read
            return new
        if token is None and known:  # ignore_changes=["secretToken"]: the engine leaves it out
            return {**rest, "secretTokenFingerprint": known}
        try:
            self._tokens[urn] = _unsealed(token)
        except ValueError:
            return {**rest, "secretToken": ""}  # the check names it, and what was wrong is not passed on
        if "secretTokenFingerprint" in new:  # ignore_changes=["secretTokenFingerprint"]: the engine puts the known one
            return rest
        return {**rest, "secretTokenFingerprint": fingerprint_for(self._tokens[urn], known, urn)}

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """A connection that Entra cannot store, and a real one in the shell of the try-out, as far as it is known.

        Notes the tenant URL: SynchronizationJobState, which is updated later, asks for it where Graph masks it.
        """
        self.changes.of(str(new["servicePrincipalId"])).parts.add("secrets")
        if problems := await super().problems(urn, old, new):
            return problems
        known = {name: value for name, value in new.items() if value is not UNKNOWN}
        if {"servicePrincipalId", "tenantUrl"} <= known.keys():
            self.changes.of(str(known["servicePrincipalId"])).address = str(known["tenantUrl"])
        if leak := try_out_leak(str(known.get("tenantUrl", "")), os.environ):
            return [("tenantUrl", leak)]
        token = self._tokens.get(urn)
        names = {to_camel(name): name for name in ConnectionSettings.model_fields}
        if not token or not names.keys() & new.keys() <= known.keys():
            return []
        connection = ConnectionSettings.model_validate({names[name]: known[name] for name in names.keys() & known})
        problem = too_long(connection, token, {})
        return [("tenantUrl", problem)] if problem else []

    def equivalent(self, path: Path, old: Any, new: Any) -> bool:
        """A token that was imported is the one that was configured first."""
        if path == ("secretTokenFingerprint",):
            return same_fingerprint(str(old), str(new))
        return super().equivalent(path, old, new)

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """What becomes of users and groups at the target. Plans the restart that the change needs."""
        changed = {str(path[0]) for path in paths} & _EVALUATED
        if not changed:
            return []
        was = str(old.get("tenantUrl") or "")  # empty after a destroy that was cut: then linkedTo tells
        moves = bool(was) and not same_endpoint(was, str(new.get("tenantUrl", "")))
        self.changes.of(str(old["servicePrincipalId"])).plan(_restart_scopes(moves))
        warnings = []
        if moves:
            warnings.append(
                "the tenant URL changes: Entra forgets its links, so all users and groups are matched or created at "
                "the new address. Those at the old address stay as they are, and so do those who are at the new one "
                "and not in scope"
            )
        if "scope" in changed and new.get("scope") != "assigned":
            warnings.append(
                "the scope grows: all users and groups of the directory that pass the filters will be created at the "
                "target"
            )
        elif "scope" in changed and not moves:
            warnings.append("the scope shrinks: users and groups that are not assigned will be disabled at the target")
        return [
            *warnings,
            "provisioning is paused for this change and then restarts: all users and groups are evaluated again",
        ]

    async def create(self, urn: str, inputs: SecretsInputs) -> Created:
        """Test the connection, then save."""
        api = await self.api()
        await self.consistency.retry_new_object(lambda: self._save(api, urn, inputs, inputs.tenant_url))
        return Created(self.id_of(inputs.job))

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[SecretsInputs, dict[str, Any]] | None:
        """The saved secrets; a token that no longer works shows as another fingerprint."""
        api, job = await self.api(), parse_id(resource_id)

        async def look() -> tuple[dict[str, str], str]:
            live = await self.consistency.confirmed(
                lambda: _saved(api, self.consistency, job), lambda found: not last_inputs or _is_as(found, last_inputs)
            )
            return live, await self._token(api, job, live, last_inputs)

        found = await self.consistency.read_or_gone(look)
        if found is None:
            return None
        live, token = found
        return SecretsInputs.model_construct(
            service_principal_id=job.service_principal,
            job_id=job.job,
            secret_token_fingerprint=token,
            test_saved_token=last_inputs.get("testSavedToken") is not False,
            **dict(_shown(live, str(last_inputs.get("tenantUrl", "")))),
        ), {}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: SecretsInputs) -> dict[str, Any]:
        """Test the connection with what is to be saved, then save."""
        api, hidden_url = await self.api(), str(old.get("tenantUrl") or new.tenant_url)
        await self.consistency.retry_existing_object(lambda: self._save(api, urn, new, hidden_url))
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Remove the secrets. They belong to the service principal: while it has another job, they stay.

        The tenant URL is not a secret and stays: Entra's links belong to this address, and a job that is left may be
        connected to another one.
        """
        api, job = await self.api(), parse_id(resource_id)

        async def remove() -> None:
            await api.job(job)  # of a job that is gone nothing is removed: the secrets may belong to its successor
            if any(other.id != job.job for other in await api.jobs(job.service_principal)):
                return
            live = await _saved(api, self.consistency, job)
            if present := {key: "" for key in MANAGED_KEYS if key in live}:
                if live.get("BaseAddress", MASKED) != MASKED:
                    present["BaseAddress"] = live["BaseAddress"]
                await api.put_secrets(job.service_principal, present)

        await self.consistency.retry_existing_object(lambda: self.consistency.read_or_gone(remove))

    async def _token(
        self, api: SynchronizationClient, job: JobRef, live: dict[str, str], last_inputs: dict[str, Any]
    ) -> str:
        """The fingerprint of the saved token. Raises NotFoundError when the job is gone: secrets outlive their job."""
        if not live.get("SecretToken"):
            await api.job(job)
            return "no token is saved"
        # Another address is a difference of its own: that the token fails there says nothing about the token.
        same_address = live.get("BaseAddress") in (last_inputs.get("tenantUrl"), MASKED) or not last_inputs
        if last_inputs.get("testSavedToken") is False or not same_address:
            await api.job(job)
        else:
            try:
                await api.test_connection(job, None)
            except NotFoundError:
                raise
            except CredentialsRejectedError as error:
                await warn(f"{SAVED_CONNECTION_FAILED}: {error}")
                return CONNECTION_FAILS
            except GraphError as error:
                await warn(
                    f"{SAVED_TOKEN_NOT_TESTED}: {error}. `pulumi config set testSavedToken off` ends these tests"
                )
                await _raise_if_gone(api, job)
        fingerprint = str(last_inputs.get("secretTokenFingerprint", IMPORTED))
        return fingerprint if is_fingerprint(fingerprint) else "another token may be saved"

    async def _save(self, api: SynchronizationClient, urn: str, inputs: SecretsInputs, hidden_url: str) -> None:
        """Test, then write everything with one PUT. A change by which all users are evaluated pauses the job.

        Source: Microsoft, "Known issues for provisioning": a scope that changes from all to assigned takes effect by a
        restart. SynchronizationJobState restarts the job at the end of the run. `hidden_url` is the saved address where
        Graph masks it.
        """
        token = self._tokens.get(urn)
        if not token:
            raise ResourceError(
                "secretToken is not known to this run, and the connection is saved with its token: set secretToken, "
                "take it out of ignoreChanges, and run `pulumi up` again"
            )
        job, sp = inputs.job, inputs.job.service_principal
        live = await _saved(api, self.consistency, job)
        try:
            await api.test_connection(job, ConnectionCredentials(inputs.tenant_url, token))
        except CredentialsRejectedError as error:
            raise ResourceError(
                f"the connection test of {inputs.tenant_url} failed, nothing was saved: {error}. "
                "Check secretToken and tenantUrl"
            ) from None
        if hidden := [key for key, value in live.items() if value == MASKED and key not in MANAGED_KEYS]:
            await warn(
                f"{', '.join(hidden)}: Entra does not show these saved secrets, so they may be lost; set them again"
            )
        wanted = _settings(inputs).to_secrets(token, live)
        if _changed(live, wanted, hidden_url) & _EVALUATED:
            before = await api.job(job)
            if before.may_have_run:
                # Secrets that were removed name no other target.
                was = _shown(live, hidden_url).tenant_url or inputs.tenant_url
                change = self.changes.of(sp)
                change.note_linked(was)
                change.plan(_restart_scopes(not same_endpoint(was, inputs.tenant_url)))
                await change.pause(api, self.consistency, job)
        await api.put_secrets(sp, wanted)
        await self.consistency.wait_until(lambda: api.secrets(sp), lambda saved: _problem(saved, wanted))
        self.changes.of(sp).connection_problem = lambda saved: _problem(saved, wanted)


def _restart_scopes(is_other_target: bool) -> tuple[ResetScope, ...]:
    return RELINK if is_other_target else REEVALUATE


async def _raise_if_gone(api: SynchronizationClient, job: JobRef) -> None:
    try:
        await api.job(job)
    except NotFoundError:
        raise
    except GraphError:
        return  # whether the job exists stays unknown


async def _saved(api: SynchronizationClient, consistency: Consistency, job: JobRef) -> dict[str, str]:
    """The saved secrets. An application that never had any may answer with 404, as one that is gone."""
    return await consistency.read_or_gone(lambda: api.secrets(job.service_principal)) or {}


def _settings(inputs: SecretsInputs) -> ConnectionSettings:
    return ConnectionSettings.model_validate(inputs.model_dump(include=set(ConnectionSettings.model_fields)))


def _shown(secrets: dict[str, str], hidden_url: str) -> ConnectionSettings:
    """What the saved secrets stand for. `hidden_url` is used where Graph masks the address."""
    settings = ConnectionSettings.from_secrets(secrets)
    return settings.model_copy(update={"tenant_url": hidden_url}) if settings.tenant_url == MASKED else settings


def _changed(live: dict[str, str], wanted: dict[str, str], hidden_url: str) -> set[str]:
    """The wire names of the settings that differ. `hidden_url` is used where Graph masks the address."""
    expected = ConnectionSettings.from_secrets(wanted)
    shown = _shown(live, hidden_url)
    return {to_camel(name) for name, value in expected if getattr(shown, name) != value}


def _is_as(live: dict[str, str], inputs: dict[str, Any]) -> bool:
    """Whether the saved secrets, without the token, are those of the last run, in wire names."""
    shown = _shown(live, str(inputs.get("tenantUrl", "")))
    return all((value or None) == (inputs.get(to_camel(name)) or None) for name, value in shown)


def _problem(saved: dict[str, str], wanted: dict[str, str]) -> str:
    names = sorted(_changed(saved, wanted, wanted["BaseAddress"]))
    if not saved.get("SecretToken"):
        names.append("secretToken")
    return f"Entra still shows something else as {', '.join(names)}" if names else ""
