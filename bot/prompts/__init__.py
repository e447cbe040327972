"""From YAML prompts to segments: templates, say-as, and text normalization."""
