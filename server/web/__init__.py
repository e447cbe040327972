"""Everything around the routes: middleware, rate limits, errors, and health."""
