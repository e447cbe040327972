"""From a trained network to a model that Vosk loads."""
