"""ELMS rules as functions of a context or session; no FastAPI here."""
