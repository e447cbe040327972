"""Scores recordings, and compares two models on them."""
