"""`eptura-scim local`: a local Entra for the official CLI, its people, its cycles, and edits by hand."""
