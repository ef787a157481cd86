"""`make bench`: how fast the gateway answers beside a bare Flask route that serves the same bytes."""
