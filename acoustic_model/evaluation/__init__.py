"""How well a model recognizes its test sets."""
