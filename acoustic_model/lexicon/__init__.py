"""Words and how they are pronounced."""
