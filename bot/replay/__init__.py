"""Recorded callers as scripts."""
