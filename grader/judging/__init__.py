"""One submission becomes one Grade."""
