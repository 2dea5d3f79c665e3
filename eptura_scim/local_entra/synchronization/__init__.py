"""Jobs, secrets and schemas below `/synchronization`."""
