"""The call page: one call as sound, time line, and conversation in a single file."""
