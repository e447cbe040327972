"""What one collect listens to: the field's own grammar and the commands that work everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import chain

from bot.grammar.grammars import KEY_WORDS, Grammar, Pair
from bot.grammar.match_result import Answer, Heard, Reading
from bot.grammar.phrases import with_unknown
from bot.types import UNKNOWN, Mode


class ActiveGrammars:
    """Several pairs at once, the field's own first."""

    def __init__(self, pairs: Sequence[Pair], rejects: bool = True) -> None:
        """``rejects`` says that the model has the word ``[unk]``."""
        self.pairs = tuple(pairs)
        self._voice = tuple(pair.voice for pair in self.pairs)
        self._dtmf = tuple(pair.dtmf for pair in self.pairs)
        listed: Counter[str] = Counter()
        for grammar in self._voice:
            listed |= Counter(grammar.phrases())
        self._phrases = with_unknown(listed.elements()) if rejects else tuple(listed.elements())

    def match(self, mode: Mode, tokens: Sequence[str]) -> Heard:
        """What the tokens mean to all grammars together.

        The answer is complete when any grammar's is; it is MAX when, beside, no other grammar
        could become complete with more. A command after an entry or the beginning of one ("four
        two, start over", "no, go back", or 4 2 *) is that command: nothing else can be meant.
        Mode "mixed" is keys within speech, matched by the voice grammars.
        """
        grammars = self._dtmf if mode == "dtmf" else self._voice
        readings = [grammar.match(tokens) for grammar in grammars]
        heard = _together(grammars, readings)
        if heard.answer is Answer.NO and len(tokens) > 1:
            return self._command_after_entry(grammars, tokens)
        return heard

    def phrases(self) -> tuple[str, ...]:
        """What the recognizer is told to expect, repetitions and ``[unk]`` included.

        The recognizer adds ``[unk]`` once more, where its model has it.
        """
        return self._phrases

    @property
    def of_digits(self) -> bool:
        """Whether the field's own entry is of digits: a key stands for itself, not for a word."""
        readings = ((key, self._dtmf[0].match((key,))) for key in KEY_WORDS)
        return any(key in (*read.values, *read.partial) for key, read in readings)

    def words(self) -> tuple[str, ...]:
        """Every word that the recognizer may be told, each once, ``[unk]`` included."""
        words = chain.from_iterable(g.words() for g in self._voice)
        return tuple(dict.fromkeys(chain(words, [UNKNOWN])))

    def without(self, words: Collection[str]) -> ActiveGrammars:
        """The same grammars whose phrases avoid words that a model lacks."""
        return ActiveGrammars([p.without(words) for p in self.pairs], rejects=UNKNOWN not in words)

    def _command_after_entry(self, grammars: tuple[Grammar, ...], tokens: Sequence[str]) -> Heard:
        own, *others = grammars
        for split in range(1, len(tokens)):
            readings = [grammar.match(tokens[split:]) for grammar in others]
            if all(reading.answer is Answer.NO for reading in readings):
                continue
            entry = own.match(tokens[:split])
            if entry.answer is not Answer.NO:
                before = Reading(Answer.NO, partial=entry.partial)
                return _together(grammars, [before, *readings])
        return Heard(Answer.NO)


def _together(grammars: tuple[Grammar, ...], readings: Sequence[Reading]) -> Heard:
    values = tuple(
        (grammar.name, value)
        for grammar, reading in zip(grammars, readings, strict=True)
        for value in reading.values
    )
    answers = {reading.answer for reading in readings} - {Answer.NO}
    if not answers:
        return Heard(Answer.NO)
    if not values:
        return Heard(Answer.POTENTIAL, partial=readings[0].partial)
    answer = Answer.MAX if answers == {Answer.MAX} else Answer.MATCH
    return Heard(answer, values, readings[0].partial)
