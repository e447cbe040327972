"""Grammars: from W3C SRGS files to phrases for the recognizer and to ``match()`` for us.

xml_reader, sisr, and srgs read a file; library resolves and checks a folder; inlining, compiler,
and pruning build the transducer; reachability, matcher, and phrases run it; grammars and active are
what the rest of the bot uses.
"""

from bot.grammar.active import ActiveGrammars
from bot.grammar.grammars import Asides, Grammar, Grammars, Pair
from bot.grammar.match_result import Answer, Heard, Reading

__all__ = [
    "ActiveGrammars",
    "Answer",
    "Asides",
    "Grammar",
    "Grammars",
    "Heard",
    "Pair",
    "Reading",
]
