"""Breaks what decides about order, scope, start, restart and externalId, and tells what no test notices."""
