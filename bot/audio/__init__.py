"""Audio files, resampling, µ-law, levels, gain, and the noise floor."""
