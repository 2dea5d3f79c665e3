"""`eptura-scim demo`: deploy, edit by hand, detect the drift, repair it, destroy."""
