"""Benchmarks of speed, memory, and accuracy. None of them is a test."""
