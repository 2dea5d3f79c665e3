"""What outlives the process: snapshots and the event log."""
