"""Where the portals of the clouds are, by the names of azuread's `environment`.

Source: Microsoft, "National cloud deployments" of Microsoft Graph and of the Azure portal.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHINA", "GOVERNMENT", "PUBLIC", "named_portal"]

PUBLIC = "https://portal.azure.com"
GOVERNMENT = "https://portal.azure.us"
CHINA = "https://portal.azure.cn"

_BY_NAME = {
    **dict.fromkeys(("", "public", "global"), PUBLIC),
    **dict.fromkeys(("usgovernment", "usgovernmentl4", "usgovernmentl5", "dod"), GOVERNMENT),
    "china": CHINA,
}


def named_portal(environment: Mapping[str, str]) -> str:
    """The portal of the cloud that ARM_ENVIRONMENT names, found without a request.

    Empty for an unknown name, and where ARM_METADATA_HOSTNAME names the cloud.
    """
    if environment.get("ARM_METADATA_HOSTNAME"):
        return ""
    return _BY_NAME.get(environment.get("ARM_ENVIRONMENT", "").lower(), "")
