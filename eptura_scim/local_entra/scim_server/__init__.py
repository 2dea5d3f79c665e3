"""A SCIM server (scim2-server) with the rules that Eptura documents."""
