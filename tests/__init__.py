"""The stories end to end, then one folder per room of the house."""
