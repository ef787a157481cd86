"""What an app gets from the token endpoint, and how long it is good."""
