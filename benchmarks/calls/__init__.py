"""Whole calls of simulated callers."""
