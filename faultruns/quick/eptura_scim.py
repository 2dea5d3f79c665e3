"""Our plugin, quick: `python -m faultruns.quick.eptura_scim ENGINE`."""

from eptura_scim.provider import main
from faultruns.quick import let_time_fly

let_time_fly()
main()
