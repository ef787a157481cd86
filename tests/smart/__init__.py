"""The authorization server, asked through its public face, and our own side as a client of partners."""
