"""From audio to interpretations with a probability."""
