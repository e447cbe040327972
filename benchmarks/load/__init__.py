"""Load tests: how much one machine can handle."""
