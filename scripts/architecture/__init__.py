"""The order of the bot's packages and files, and the map drawn from their imports."""
