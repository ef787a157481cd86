"""What partners write, as the practice reads it: messages, requests to see someone, consultation notes."""
