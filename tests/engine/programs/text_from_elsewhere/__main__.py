"""The token and the group come from resources of the same program: a preview does not know them."""

import pulumi

from eptura_scim.component import EpturaScimProvisioning

config = pulumi.Config()


class Text(pulumi.CustomResource):
    """A text that is known once it is made."""

    shown: pulumi.Output[str]

    def __init__(self, name: str, text: pulumi.Input[str]) -> None:
        super().__init__("text:index:Text", name, {"text": text, "shown": None})


token = Text("token", config.require_secret("secretToken"))
group = Text("group", config.require("group"))

EpturaScimProvisioning(
    "eptura",
    {
        "tenant_url": config.require("tenantUrl"),
        "secret_token": token.shown,
        "scope": "assigned",
        "assigned_groups": {"staff": group.shown},
    },
)
