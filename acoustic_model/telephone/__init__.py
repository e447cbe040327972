"""The telephone channel: rooms, microphones, noise, codecs."""
