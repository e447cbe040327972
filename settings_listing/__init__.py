"""Lists the settings of a pydantic-settings class, for the bot and the server alike."""
