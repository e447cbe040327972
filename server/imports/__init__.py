"""Educators and their records from files (decision 56)."""
