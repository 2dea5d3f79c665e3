"""What the commands for operating tell, without a terminal: drift, the guide line by line, a fleet of stacks."""
