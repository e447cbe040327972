"""The only files that import engines, one for each role and technology."""
