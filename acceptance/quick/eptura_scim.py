"""Our plugin, quick: `python -m acceptance.quick.eptura_scim ENGINE`."""

from acceptance.quick import let_time_fly
from eptura_scim.provider import main

let_time_fly()
main()
