"""The practice's side: typed records, reading them from exports, taking them in."""
