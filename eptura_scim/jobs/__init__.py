"""What can be done with a synchronization job: find it, its status, start, pause, restart, provision on demand."""
