"""The commands of ``elms-server`` and what they need."""
