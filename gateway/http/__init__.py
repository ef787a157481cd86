"""The Flask adapter: who asks, which address, and the only error handler."""
