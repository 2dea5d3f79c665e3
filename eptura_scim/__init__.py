"""Eptura SCIM provisioning from Microsoft Entra ID, as code."""

__all__ = ["__version__"]

__version__ = "0.1.0"
"""Of the package, the command line and the provider plugin: pyproject.toml reads it here."""
