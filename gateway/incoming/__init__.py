"""What partners write: kept as records of the practice in the same transaction, each with its source and what only the resource holds."""
