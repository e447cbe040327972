"""Words and their pronunciations."""
