"""How much one machine carries."""
