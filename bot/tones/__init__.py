"""DTMF and text-telephone (TTY) tones in the audio."""
