"""Referrals: the state machine, the package that is sent, what recipients answer."""
