"""One call over a line: player, recorder, redaction, and trace."""
