"""The provider plugin, as Pulumi's Python language host starts it."""

import sys
from pathlib import Path

# The host starts plugins in a folder of its own choice.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from eptura_scim.provider import main

main()
