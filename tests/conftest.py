"""What all tests need."""

import signal

from hypothesis import settings

# A shell that starts a command in the background has it ignore Ctrl-C, and so would everything that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes says something about the machine, not about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
