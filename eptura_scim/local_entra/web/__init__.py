"""The local Entra in a browser, and its JSON for `eptura-scim local people`, `cycle` and `edit`."""
