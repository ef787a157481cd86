"""C-CDA documents: what leaves and what comes in."""
