"""Apps and clients: how they are registered, how they prove themselves, from where a browser may call."""
