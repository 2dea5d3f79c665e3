"""Why Entra puts a job in quarantine, in words, and what to do about each reason.

Source: Microsoft, "Application provisioning in quarantine status", "Enable accidental deletions prevention"; the enum
quarantineReason of Microsoft Graph v1.0. What no page explains is read from the reason's name, and says so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

__all__ = ["DISABLED_AFTER", "REASONS", "Reason", "reason"]

DISABLED_AFTER = timedelta(weeks=4)
"""How long a job may stay in quarantine before Entra disables it."""

_START = "`eptura-scim start`"
_START_AGAIN = f"When that is done, {_START}: the job is off, and no attempt follows by itself"

_LOGS = (
    "Read the provisioning logs (Enterprise applications > your application > Provisioning logs, Status Failure) "
    "and correct what they name"
)
_RESTART = "Then `eptura-scim restart`, which tries everyone again"
_SUPPORT = "Ask Microsoft support, with the ids of the job and of its last run"


class Reason(NamedTuple):
    """What a reason means and what to do, in order."""

    meaning: str
    remedy: tuple[str, ...]

    def what_to_do(self, *, scheduled: bool) -> tuple[str, ...]:
        """The remedy; for a job that is off with its start."""
        started = scheduled or any(_START in step for step in self.remedy)
        return self.remedy if started else (*self.remedy, _START_AGAIN)


REASONS = {
    "EncounteredQuarantineException": Reason(
        "Entra cannot talk to Eptura's SCIM endpoint: the tenant URL or the token is wrong, expired or revoked, or the "
        "endpoint does not answer as SCIM does",
        (
            "Check the tenant URL; get a new token from Eptura where it expired: "
            "`pulumi config set --secret secretToken`, `pulumi up` (tests the token before it saves it)",
            f"Then {_START}, unless `pulumi up` has started it: the quarantine ends, and provisioning continues where "
            "it stopped",
        ),
    ),
    "EncounteredEscrowProportionThreshold": Reason(
        "more than 40 % of the provisioning events failed, and at least 5,000 of them",
        (_LOGS, _RESTART),
    ),
    "EncounteredBaseEscrowThreshold": Reason(
        "too many users or groups failed: more than 40,000, members and managers not counted (by the reason's name; "
        "Microsoft does not explain it)",
        (_LOGS, _RESTART),
    ),
    "EncounteredTotalEscrowThreshold": Reason(
        "too many entries failed: more than 60,000, members and managers counted (by the reason's name; Microsoft does "
        "not explain it)",
        (_LOGS, _RESTART),
    ),
    "TooManyDeletes": Reason(
        "more users and groups would be deleted or disabled at Eptura in one cycle than the setting "
        "accidentalDeletionThreshold allows",
        (
            "See who: provisioning logs, Action StagedDelete or StagedAction",
            "Right? `eptura-scim restart --force-deletes` carries the deletions out",
            "Wrong? Restore or assign these users and groups again, or correct scope and filters, and only then "
            "`eptura-scim restart`",
        ),
    ),
    "QuarantinedOnDemand": Reason(
        "Microsoft saw a problem with this application and set the quarantine by hand",
        (_LOGS, _SUPPORT),
    ),
    "IngestionInterrupted": Reason(
        "reading the directory was interrupted (by the reason's name; Microsoft does not explain it)",
        ("Wait for the next attempt; if it fails too, `eptura-scim restart`", _SUPPORT),
    ),
    "Unknown": Reason("Entra gives no reason", (_LOGS, _RESTART)),
}
"""By the names of Microsoft Graph's enum quarantineReason."""

_OTHER_SPELLINGS = {"QuarantineOnDemand": "QuarantinedOnDemand"}  # so on Microsoft's page


def reason(name: str) -> Reason:
    """The reason of that name; one for names that are not documented."""
    known = REASONS.get(_OTHER_SPELLINGS.get(name, name))
    return known or Reason("a reason that Microsoft does not document", (_LOGS, _RESTART))
