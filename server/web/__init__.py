"""What every request passes: middleware, rate limits, errors, and health."""
