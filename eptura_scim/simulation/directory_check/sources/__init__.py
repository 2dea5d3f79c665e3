"""Directory exports and tenants as rows of users and groups."""
