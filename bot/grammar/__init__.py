"""Grammars: W3C SRGS files to phrases for the recogniser and to match() for us.

markup, sisr, srgs read a file; library resolves and checks a folder; inlining, compiler and
pruning make tables (network); horizon, matcher and phrases run them; folder and active are what
the rest of the bot uses.
"""

from bot.grammar.active import ActiveGrammars
from bot.grammar.grammars import Grammar, Grammars, Pair
from bot.grammar.match_result import Answer, Heard, Reading

__all__ = ["ActiveGrammars", "Answer", "Grammar", "Grammars", "Heard", "Pair", "Reading"]
