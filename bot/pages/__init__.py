"""What bot.callpage draws: its template, style and script, and the code that fills them."""
