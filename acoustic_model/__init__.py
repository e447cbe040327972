"""Trains and exports the acoustic model in bot/models; bot and server never import it."""
