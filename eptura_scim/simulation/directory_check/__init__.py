"""`check-directory`: which users and groups of a directory or an export would fail or collide."""
