"""Synthetic speakers for training."""
