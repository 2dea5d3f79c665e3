"""The logs that Microsoft Entra ID keeps."""
