"""The call page."""
