"""What keeps documents in step with the code."""
