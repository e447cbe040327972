"""The ELMS backend: educators, their applications and PINs, and the facts callers may hear."""
