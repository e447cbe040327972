"""Specifications of ELMS IVR, from fast to slow."""
