"""The commands of ``elms-ivr``."""
