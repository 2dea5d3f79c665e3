"""Runs that take longer than `make test`: every kind of drift, every fault at every step, with the real engine."""
