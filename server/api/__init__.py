"""The JSON API for the bot."""
