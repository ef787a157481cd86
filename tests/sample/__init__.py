"""The sample practice: whole, believable, the same every time."""
