"""SynchronizationSecrets: the connection to the SCIM endpoint and the settings that Graph keeps beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic.alias_generators import to_camel

from eptura_scim.graph.errors import CredentialsRejectedError, GraphError, NotFoundError
from eptura_scim.graph.secrets import MANAGED_KEYS, MASKED, ConnectionSettings
from eptura_scim.graph.synchronization import ConnectionCredentials, JobRef, Synchronization
from eptura_scim.plugin_sdk.difference import Path
from eptura_scim.plugin_sdk.errors import ResourceError
from eptura_scim.plugin_sdk.messages import warn
from eptura_scim.plugin_sdk.resource import Created
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.provider.base import JobInputs, JobResource, parse_id
from eptura_scim.provider.fingerprint import IMPORTED, is_fingerprint, keep_or_renew, same_fingerprint
from eptura_scim.sealing import PREFIX, SealingKey

__all__ = ["SecretsInputs", "SynchronizationSecrets", "sealing_key"]

_key = SealingKey()


async def sealing_key(_arguments: dict[str, Any]) -> dict[str, Any]:
    """The function `sealingKey`: what a program seals the token with, so that the engine's log cannot show it."""
    return {"publicKey": _key.public}


def _https(url: str) -> str:
    if not url.lower().startswith("https://"):
        raise ValueError("must begin with https://")
    return url


def _one_line(token: object) -> str:
    if not isinstance(token, str) or not token or any(not "!" <= character <= "~" for character in token):
        raise ValueError("is missing, or holds blanks or characters that no header can hold; copy it again")
    return token


def _unsealed(token: object) -> object:
    return _key.unseal(token) if isinstance(token, str) and token.startswith(PREFIX) else token


class SecretsInputs(JobInputs):
    """The synchronization secrets as typed fields; one PUT writes them all."""

    tenant_url: Annotated[str, AfterValidator(_https)] = Field(description="The portal's Tenant URL.")
    secret_token: Annotated[str, AfterValidator(_one_line)] | None = Field(
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
    notification_email: str | None = Field(
        default=None, description="Who is told when provisioning fails; left out, nobody."
    )
    accidental_deletion_threshold: int | None = Field(
        default=None, ge=1, description="Deletions in one cycle above which provisioning stops; left out, no limit."
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

    def take_in(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Keep the token in memory and leave its fingerprint."""
        rest = {name: value for name, value in new.items() if name != "secretToken"}
        token = new.get("secretToken")
        if token is UNKNOWN:
            return {**rest, "secretTokenFingerprint": UNKNOWN}
        if token is None and "secretTokenFingerprint" in new:  # an import checks what it has read
            return new
        try:
            self._tokens[urn] = _one_line(_unsealed(token))
        except ValueError:
            return {**rest, "secretToken": ""}  # the check names it, and what was wrong is not passed on
        return {
            **rest,
            "secretTokenFingerprint": keep_or_renew(self._tokens[urn], old.get("secretTokenFingerprint"), urn),
        }

    def same(self, path: Path, old: Any, new: Any) -> bool:
        """A token that was imported is the one that was configured first."""
        if path == ("secretTokenFingerprint",):
            return same_fingerprint(str(old), str(new))
        return super().same(path, old, new)

    async def consequences(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """A narrower scope takes users away."""
        if ("scope",) in paths and new.get("scope") == "assigned":
            return [
                "the scope shrinks: users and groups that are not assigned will be disabled at the target; "
                "provisioning restarts with everyone"
            ]
        return []

    async def create(self, urn: str, inputs: SecretsInputs) -> Created:
        """Test the connection, then save."""
        api = await self.api()
        await self.patience.settled(lambda: self._save(api, urn, inputs))
        return Created(self.id_of(inputs.job))

    async def read(self, resource_id: str, known: dict[str, Any]) -> tuple[SecretsInputs, dict[str, Any]] | None:
        """The saved secrets; a token that no longer works shows as another fingerprint."""
        api, job = await self.api(), parse_id(resource_id)

        async def look() -> tuple[dict[str, str], str]:
            live = await api.secrets(job.service_principal)
            return live, await self._token(api, job, live, known)

        found = await self.patience.unless_gone(look)
        if found is None:
            return None
        live, token = found
        return SecretsInputs.model_construct(
            service_principal_id=job.service_principal,
            job_id=job.job,
            secret_token_fingerprint=token,
            test_saved_token=known.get("testSavedToken") is not False,
            **dict(_shown(live, str(known.get("tenantUrl", "")))),
        ), {}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: SecretsInputs) -> dict[str, Any]:
        """Test the connection with what is to be saved, then save."""
        await self._save(await self.api(), urn, new)
        return {}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Remove the secrets. They belong to the service principal: while it has another job, they stay."""
        api, job = await self.api(), parse_id(resource_id)

        async def remove() -> None:
            if any(other.id != job.job for other in await api.jobs(job.service_principal)):
                return
            live = await api.secrets(job.service_principal)
            if present := [key for key in MANAGED_KEYS if key in live]:
                await api.put_secrets(job.service_principal, dict.fromkeys(present, ""))

        await self.patience.unless_gone(remove)

    async def _token(self, api: Synchronization, job: JobRef, live: dict[str, str], known: dict[str, Any]) -> str:
        if not live.get("SecretToken"):
            await api.job(job)  # the secrets are the service principal's, and outlive the job
            return "no token is saved"
        # Another address is a difference of its own: that the token fails there says nothing about the token.
        same_address = live.get("BaseAddress") in (known.get("tenantUrl"), MASKED) or not known
        if known.get("testSavedToken") is not False and same_address:
            try:
                await api.test_connection(job, None)
            except NotFoundError:
                raise
            except CredentialsRejectedError as error:
                await warn(f"Entra tested the saved connection and it failed: {error}")
                return "the saved connection fails its test"
            except GraphError as error:
                await warn(f"the saved token was not tested: {error}. The setting testSavedToken switches the test off")
        fingerprint = str(known.get("secretTokenFingerprint", IMPORTED))
        return fingerprint if is_fingerprint(fingerprint) else "another token may be saved"

    async def _save(self, api: Synchronization, urn: str, inputs: SecretsInputs) -> None:
        """A scope that shrinks under a running job takes effect by a restart.

        Source: Microsoft, "Known issues for provisioning": changing the scope from all to assigned.
        """
        token = self._tokens.get(urn)
        if not token:
            raise ResourceError("secretToken is not known to this run: set it and run `pulumi up` again")
        sp = inputs.job.service_principal
        live = await api.secrets(sp)
        try:
            await api.test_connection(inputs.job, ConnectionCredentials(inputs.tenant_url, token))
        except CredentialsRejectedError as error:
            raise ResourceError(
                f"the connection test of {inputs.tenant_url} failed, nothing was saved: {error}. "
                "Check secretToken and tenantUrl"
            ) from None
        if hidden := [key for key, value in live.items() if value == MASKED and key not in MANAGED_KEYS]:
            await warn(
                f"{', '.join(hidden)}: nobody can read these saved secrets back, so they may be lost; set them again"
            )
        before = ConnectionSettings.from_secrets(live)
        shrinks = inputs.scope == "assigned" and before.scope == "all" and (await api.job(inputs.job)).scheduled
        if shrinks:  # a run that is cut after the PUT leaves no difference by which the next could know of the restart
            await api.restart(inputs.job)
        wanted = _settings(inputs).to_secrets(token, live)
        await api.put_secrets(sp, wanted)
        await self.patience.until(lambda: api.secrets(sp), lambda saved: _problem(saved, wanted))
        if shrinks:
            await api.restart(inputs.job)


def _settings(inputs: SecretsInputs) -> ConnectionSettings:
    return ConnectionSettings.model_validate(inputs.model_dump(include=set(ConnectionSettings.model_fields)))


def _shown(secrets: dict[str, str], hidden_url: str) -> ConnectionSettings:
    """What the saved secrets stand for. `hidden_url` is used where Graph masks the address."""
    settings = ConnectionSettings.from_secrets(secrets)
    return settings.model_copy(update={"tenant_url": hidden_url}) if settings.tenant_url == MASKED else settings


def _problem(saved: dict[str, str], wanted: dict[str, str]) -> str:
    expected = ConnectionSettings.from_secrets(wanted)
    shown = _shown(saved, expected.tenant_url)
    names = [name for name, value in expected if getattr(shown, name) != value]
    if not saved.get("SecretToken"):
        names.append("secret_token")
    return f"Entra still shows something else as {', '.join(map(to_camel, names))}" if names else ""
