"""Scripts run by make to keep documents, requirements, and releases in step with the code."""
