"""Recorded callers as scripts, and what is expected of their calls."""
