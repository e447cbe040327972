"""Recordings, transcripts, and manifests for training."""
