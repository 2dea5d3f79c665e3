"""What Microsoft Entra's application gallery and portal know of an application that is in no gallery."""

from __future__ import annotations

__all__ = ["FEATURE_TAGS", "NON_GALLERY_TEMPLATES"]

NON_GALLERY_TEMPLATES = {
    **dict.fromkeys(("public", "global"), "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"),
    **dict.fromkeys(
        ("usgovernment", "usgovernmentl4", "usgovernmentl5", "dod"), "4602d0b4-76bb-404b-bca9-2652e1a39c6d"
    ),
    "china": "5a532e38-1581-4918-9658-008dc27c1d68",
}
"""The applicationTemplate "Integrate any other application you don't find in the gallery" by names of ARM_ENVIRONMENT.

Source: Microsoft, "Configure provisioning using Microsoft Graph APIs" (known issues of app provisioning)."""

FEATURE_TAGS = {
    "custom_single_sign_on": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}
"""Tags of a service principal that have a meaning for the portal, by azuread's names in `feature_tags`.

Source: documentation of azuread_service_principal. In the order in which azuread writes them."""
