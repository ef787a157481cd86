"""Referrals: the table of steps, what goes with one, how it travels and comes back."""
