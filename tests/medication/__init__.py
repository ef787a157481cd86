"""Medication changes: what a prescriber sent, told to the therapist in one sentence."""
