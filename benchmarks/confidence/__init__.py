"""Fits the confidence, and measures how well calibrated it is."""
