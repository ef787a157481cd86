"""What is sensitive, who may see it, and the one decision about both."""
