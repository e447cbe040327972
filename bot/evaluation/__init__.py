"""Recordings scored, and two models compared on them."""
