"""The one outgoing HTTP client, against servers on loopback that misbehave."""
