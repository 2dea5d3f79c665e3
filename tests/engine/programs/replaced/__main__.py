"""Each change of our resources replaces them, and the old resource is deleted before the new one is made."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning, settings

OURS = (":SynchronizationJob", ":SynchronizationSecrets", ":SynchronizationSchema", ":SynchronizationJobState")


def replace(given: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    if not given.type_.endswith(OURS):
        return None
    options = pulumi.ResourceOptions(replace_on_changes=["*"], delete_before_replace=True)
    return pulumi.ResourceTransformationResult(given.props, pulumi.ResourceOptions.merge(given.opts, options))


EpturaScimProvisioning("eptura", settings("eptura"), pulumi.ResourceOptions(transformations=[replace]))
