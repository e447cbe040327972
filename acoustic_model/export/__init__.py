"""Exports a trained network as a model that Vosk loads."""
