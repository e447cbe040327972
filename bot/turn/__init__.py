"""One collect: endpointing, barge-in, keys, and the result."""
