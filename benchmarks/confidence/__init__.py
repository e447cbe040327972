"""How far a confidence can be believed."""
