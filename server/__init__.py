"""The ELMS backend: educators, their applications and PINs, and what a caller may hear."""
