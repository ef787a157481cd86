"""The store: one transaction for what belongs together, on both engines."""
