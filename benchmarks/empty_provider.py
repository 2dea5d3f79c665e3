"""A provider of nothing on the SDK's own provider interface: what a plugin's start is compared with.

`python -m benchmarks.empty_provider ENGINE_ADDRESS` serves it.
"""

import sys

from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import main


class EmptyProvider(Provider):
    """Answers nothing but its version."""


if __name__ == "__main__":
    main(sys.argv[1:], "0.0.0", EmptyProvider())
