"""Provisioning cycles: who is in scope, what flows, what is sent to the SCIM endpoint."""
