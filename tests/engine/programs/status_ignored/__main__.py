"""The program ignores changes of the provisioning status: the portal switches provisioning on and off."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning, settings


def leave_status(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    if not given.type_.endswith(":SynchronizationJobState"):
        return None
    ignored = pulumi.ResourceOptions(ignore_changes=["provisioningStatus"])
    return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, ignored))


EpturaScimProvisioning("eptura", settings(), pulumi.ResourceOptions(transformations=[leave_status]))
