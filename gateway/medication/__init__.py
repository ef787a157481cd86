"""Inbound medication updates: what changed, for the therapist."""
