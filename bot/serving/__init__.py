"""Calls from a PBX: the door, how many come in, what follows a call, and how the service ends."""
