"""Endpoints of what a tenant has beside applications, users and groups."""
