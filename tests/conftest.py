"""What all tests need."""

import signal

from hypothesis import HealthCheck, settings

from tests.examples import examples

# A shell that starts a command in the background has it ignore Ctrl-C, and so would everything that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What a property test without a number of its own tries. Too many refused examples fail it, a slow machine does not.
settings.register_profile("bounded", examples(30), suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bounded")
