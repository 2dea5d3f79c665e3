"""EpturaScimAlerts: Entra's logs in a Log Analytics workspace, and the alert rules that read them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import monitor, operationalinsights

from eptura_scim.alerts.arguments import DIAGNOSTIC_SETTING, RETENTION_DAYS, EpturaScimAlertsArgs, check
from eptura_scim.alerts.diagnostic_setting import declare_diagnostic_setting
from eptura_scim.alerts.rules import Rule, rules_of
from eptura_scim.alerts.values import checked
from eptura_scim.types import PACKAGE

__all__ = ["EpturaScimAlerts"]


class EpturaScimAlerts(pulumi.ComponentResource):
    """Entra's provisioning and audit logs in a Log Analytics workspace, and three alert rules: the job is in
    quarantine, too many operations fail, and no operation succeeds.

    It needs no EpturaScimProvisioning: two ids name the application. Raises RunError for arguments that are missing or
    wrong.
    """

    workspace_id: pulumi.Output[str]
    """Resource id of the workspace."""

    action_group_id: pulumi.Output[str | None]
    """Resource id of the component's own action group; None where only `action_groups` are told."""

    def __init__(self, name: str, args: EpturaScimAlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check(args)
        super().__init__(f"{PACKAGE}:EpturaScimAlerts", name, {}, opts)
        self._name = name
        self._placed = {"resource_group_name": args["resource_group_name"], "tags": args.get("tags")}
        self._location = args["location"]

        self.workspace_id = pulumi.Output.from_input(args.get("workspace_id") or self._workspace(args))
        setting = args.get("diagnostic_setting", DIAGNOSTIC_SETTING)
        sends = [declare_diagnostic_setting(name, setting, self.workspace_id, self)] if setting else []
        group = self._action_group(args)
        self.action_group_id = pulumi.Output.from_input(group)
        told = [*([group] if group is not None else []), *args.get("action_groups", ())]
        for rule in rules_of(args):
            self._declare(rule, told, sends)
        self.register_outputs({"workspaceId": self.workspace_id, "actionGroupId": self.action_group_id})

    def _workspace(self, args: EpturaScimAlertsArgs) -> pulumi.Output[str]:
        workspace = operationalinsights.Workspace(
            self._name,
            location=self._location,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=checked("retention_days", args.get("retention_days", RETENTION_DAYS)),
            **self._placed,
            opts=pulumi.ResourceOptions(parent=self),
        )
        identifier: pulumi.Output[str] = workspace.id
        return identifier

    def _action_group(self, args: EpturaScimAlertsArgs) -> pulumi.Output[str] | None:
        emails, webhooks = args.get("emails", ()), args.get("webhooks", ())
        if not emails and not webhooks:
            return None
        group = monitor.ActionGroup(
            self._name,
            location="Global",
            group_short_name="EpturaSCIM",
            enabled=True,
            email_receivers=[
                monitor.MicrosoftCommonEmailReceiverArgs(
                    name=f"email-{number}", email_address=address, use_common_alert_schema=True
                )
                for number, address in enumerate(emails, start=1)
            ],
            webhook_receivers=[
                monitor.WebhookReceiverArgs(
                    name=f"webhook-{number}",
                    service_uri=pulumi.Output.secret(address),
                    use_common_alert_schema=True,
                )
                for number, address in enumerate(webhooks, start=1)
            ],
            **self._placed,
            opts=pulumi.ResourceOptions(parent=self),
        )
        identifier: pulumi.Output[str] = group.id
        return identifier

    def _declare(self, rule: Rule, told: Sequence[pulumi.Input[str]], sends: Sequence[pulumi.Resource]) -> None:
        monitor.ScheduledQueryRule(
            f"{self._name}-{rule.name}",
            location=self._location,
            kind="LogAlert",
            display_name=f"Eptura SCIM ({self._name}): {rule.title}",
            description=rule.description,
            severity=rule.severity,
            enabled=True,
            scopes=[self.workspace_id],
            evaluation_frequency=rule.frequency,
            window_size=rule.window,
            auto_mitigate=rule.mute is None,
            mute_actions_duration=rule.mute,
            # The tables of a new workspace do not exist before their first row.
            skip_query_validation=True,
            criteria=monitor.ScheduledQueryRuleCriteriaArgs(
                all_of=[
                    monitor.ConditionArgs(
                        query=rule.query,
                        time_aggregation="Count",
                        operator=rule.operator,
                        threshold=rule.threshold,
                        failing_periods=monitor.ConditionFailingPeriodsArgs(
                            number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                        ),
                    )
                ]
            ),
            actions=monitor.ActionsArgs(action_groups=list(told)),
            **self._placed,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(sends)),
        )
