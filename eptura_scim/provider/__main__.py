"""`python -m eptura_scim.provider ENGINE`: the plugin's process."""

from eptura_scim.provider import main

main()
