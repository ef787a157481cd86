"""Who sees what: labels, releases, openings, and that nothing hidden shows in anything seen."""
