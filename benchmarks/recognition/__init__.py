"""Measures recognition, by speaker and line."""
