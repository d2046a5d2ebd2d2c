"""All that enters the box, and nothing else does."""
