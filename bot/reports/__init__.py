"""The call page: one call as sound, timeline, and conversation in a single file."""
