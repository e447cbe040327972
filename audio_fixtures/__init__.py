"""Synthetic callers, keys, and broken files, all made by this package; see manifest.yaml."""
