"""Lines that need no engine (text, simulated), and the playout buffer."""
