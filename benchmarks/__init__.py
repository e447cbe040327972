"""Figures that were measured: speed, memory, accuracy. Nothing here is a test."""
