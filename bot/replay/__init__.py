"""Recorded callers as scripts, with the expected course of their calls."""
