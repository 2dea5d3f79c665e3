"""Eptura SCIM provisioning from Microsoft Entra ID, as code."""
