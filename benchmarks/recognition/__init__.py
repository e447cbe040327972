"""How much is understood, by whom and on which line."""
