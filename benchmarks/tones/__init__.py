"""The DTMF detector compared with spandsp's."""
