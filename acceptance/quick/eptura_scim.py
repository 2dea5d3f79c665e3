"""Our plugin, quick: `python -m acceptance.quick.eptura_scim ENGINE`."""

from acceptance.quick import speed_up_time
from eptura_scim.provider import main

speed_up_time()
main()
