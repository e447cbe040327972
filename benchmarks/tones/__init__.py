"""The DTMF detector against the oracle."""
