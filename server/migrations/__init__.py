"""Alembic's environment and one file for each change of the schema."""
