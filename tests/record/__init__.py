"""The practice's side: reading exports, typed records, intake."""
