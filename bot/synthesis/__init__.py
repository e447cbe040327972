"""From segments to audio: worker processes, cache, and fallback."""
