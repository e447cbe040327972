"""What make runs to keep documents, requirements, and releases in step with the code."""
