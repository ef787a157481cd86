"""What R4 says, with no I/O and nothing of ours below it."""
