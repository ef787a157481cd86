"""What we promise, as tables and generators; imports nothing of the gateway."""
