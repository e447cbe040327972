"""Features, network, LF-MMI, and the training loop."""
