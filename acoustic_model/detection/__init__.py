"""The speech detector's graph: Silero's weights, for many windows at a time."""
