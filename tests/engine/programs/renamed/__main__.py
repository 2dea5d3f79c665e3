"""The component has another name, in another component, and an alias; its state ignores changes of configuration."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning, settings


class Group(pulumi.ComponentResource):
    """What the component moves into."""

    def __init__(self) -> None:
        super().__init__("test:index:Group", "group")


def leave_configuration(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    if not given.type_.endswith(":SynchronizationJobState"):
        return None
    ignored = pulumi.ResourceOptions(ignore_changes=["configuration"])
    return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, ignored))


options = pulumi.ResourceOptions(transformations=[leave_configuration])
if pulumi.Config().get_bool("moved"):
    was = pulumi.ResourceOptions(
        parent=Group(), aliases=[pulumi.Alias(name="eptura", parent=pulumi.ROOT_STACK_RESOURCE)]
    )
    EpturaScimProvisioning("moved", settings("eptura"), pulumi.ResourceOptions.merge(options, was))
else:
    EpturaScimProvisioning("eptura", settings("eptura"), options)
