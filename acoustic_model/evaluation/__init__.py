"""Measures how well a model recognizes its test sets."""
