"""What all tests need."""

import signal

from hypothesis import settings

# A shell that starts a command in the background has it ignore Ctrl-C, and so would everything that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says something about the machine, not about the code. The examples are the same each time,
# so that a change fails by what it changes; `make fuzz` looks for others.
settings.register_profile("any machine", deadline=None, derandomize=True)
settings.load_profile("any machine")
