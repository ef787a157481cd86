"""People who sign in: accounts, passwords, second factors, sessions. No Flask here."""
