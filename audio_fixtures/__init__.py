"""Recorded callers, keys and broken files, all made by this folder itself; see manifest.yaml."""
