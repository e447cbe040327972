"""Turns segments into audio: worker processes, cache, and fallback."""
