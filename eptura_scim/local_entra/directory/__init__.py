"""Applications, service principals, users, groups and app role assignments of the tenant."""
