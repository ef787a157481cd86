"""The whole exchange over real HTTP, with our own client and with others'."""
