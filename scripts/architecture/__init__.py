"""The bot's packages and files: their order, and the map that is drawn from their imports."""
