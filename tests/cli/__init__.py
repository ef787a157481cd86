"""The command line: what it answers, how it fails, what it never does."""
