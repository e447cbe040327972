"""The grammars of one collect: the field's own and the commands that work everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain

from bot.grammar.corrections import corrected
from bot.grammar.grammars import KEY_WORDS, Asides, Grammar, Pair
from bot.grammar.match_result import Answer, Heard, Reading
from bot.grammar.phrases import DIGITS, DIGITS_BESIDE, LIKE_DIGITS, OWN_WEIGHT, with_unknown
from bot.types import UNKNOWN, Following, Mode


class ActiveGrammars:
    """Several pairs at once, the field's own first."""

    def __init__(
        self, pairs: Sequence[Pair], rejects: bool = True, asides: Asides | None = None
    ) -> None:
        """``rejects`` is True if the model has the word ``[unk]``."""
        self.pairs = tuple(pairs)
        self._asides = asides
        self._voice = tuple(pair.voice for pair in self.pairs)
        self._dtmf = tuple(pair.dtmf for pair in self.pairs)
        listed = self._listed()
        self._phrases = with_unknown(listed) if rejects else listed

    def match(self, mode: Mode, tokens: Sequence[str]) -> Heard:
        """Return what the tokens mean to all grammars together.

        The answer is complete if any grammar's is; it is MAX if, in addition, no other grammar
        could become complete with more tokens. A command after an entry or the beginning of one
        ("four two, start over", "no, go back", or 4 2 *) is that command: nothing else can be
        meant. Mode "mixed" is keys within speech, matched by the voice grammars.
        """
        grammars = self._dtmf if mode == "dtmf" else self._voice
        readings = [grammar.match(tokens) for grammar in grammars]
        heard = _together(grammars, readings, spoken=mode != "dtmf")
        if heard.answer is not Answer.NO or len(tokens) < 2:
            return heard
        command = self._command_after_entry(grammars, tokens)
        if mode == "dtmf" or not self.of_digits:
            return command
        taken_back = self._corrected(tokens)
        if command.answer is Answer.NO:
            return taken_back
        goes_on = taken_back.answer is not Answer.NO
        return replace(command, answer=Answer.MATCH) if goes_on else command

    def after(self, tokens: Sequence[str]) -> Following:
        """Return the words that may follow these in an entry, a command, or a remark."""
        remarks = (self._asides.remarks,) if self._asides else ()
        every = [grammar.after(tokens) for grammar in (*self._voice, *remarks)]
        words = dict.fromkeys(chain.from_iterable(one.words for one in every))
        return Following(tuple(words), any(one.complete for one in every))

    def too_long(self, tokens: Sequence[str]) -> bool:
        """Return True if a complete number begins these tokens, and more digits follow it."""
        if not self.of_digits:
            return False
        own = self._voice[0]
        splits = range(1, len(tokens))
        first = next((n for n in splits if own.match(tokens[:n]).answer.complete), None)
        return first is not None and own.match(tokens[first:]).answer is not Answer.NO

    def goes_on(self, tokens: Sequence[str]) -> bool:
        """Return True if these words after a number are more digits, or take it back."""
        if not self.of_digits or not tokens:
            return False
        own = self._voice[0]
        marks = self._asides.corrections if self._asides else own
        said = (own.match(tokens[start:]) for start in range(len(tokens)))
        digits = any(reading.values or reading.partial for reading in said)
        return digits or any(
            marks.match(tokens[:end]).answer.complete for end in range(1, len(tokens) + 1)
        )

    def phrases(self) -> tuple[str, ...]:
        """Return the phrases for the recognizer, with repetitions and ``[unk]``.

        The recognizer adds ``[unk]`` once more if its model has it.
        """
        return self._phrases

    @property
    def of_digits(self) -> bool:
        """True if the field's own entry consists of digits: a key stands for itself, not for a
        word.
        """
        readings = ((key, self._dtmf[0].match((key,))) for key in KEY_WORDS)
        return any(key in (*read.values, *read.partial) for key, read in readings)

    def words(self) -> tuple[str, ...]:
        """Return every word that the recognizer may get, each once, ``[unk]`` included."""
        words = chain.from_iterable(g.words() for g in self._voice)
        asides = self._asides
        beside = (*asides.remarks.words(), *asides.corrections.words()) if asides else ()
        return tuple(dict.fromkeys(chain(words, beside, DIGITS, [UNKNOWN])))

    def without(self, words: Collection[str]) -> ActiveGrammars:
        """Return the same grammars with phrases that avoid words missing from a model."""
        asides = self._asides and self._asides.without(words)
        pairs = [pair.without(words) for pair in self.pairs]
        return ActiveGrammars(pairs, UNKNOWN not in words, asides)

    def _listed(self) -> tuple[str, ...]:
        """Return the phrases of all grammars, and the remarks beside their answers.

        At a question for a number, words that sound like digits are left out; at others, digits are
        remarks like any.
        """
        asides = self._asides
        if not self.of_digits:
            own = _weighted(self._voice)
            return (*own, *asides.remarks.phrases(), *DIGITS) if asides else own
        marks = asides.corrections.phrases() if asides else ()
        listed = [*_weighted(self._voice), *marks]
        kept = [one for one in listed if LIKE_DIGITS.isdisjoint(one.split())]
        whole = (word for grammar in self._voice[1:] for word in _whole(grammar))
        return (*kept, *dict.fromkeys(word for word in whole if word not in {*kept, *LIKE_DIGITS}))

    def _corrected(self, tokens: Sequence[str]) -> Heard:
        if self._asides is None:
            return Heard(Answer.NO)
        own = self._voice[0]
        reading = corrected(own, self._asides.corrections, tokens)
        heard = _together((own,), [reading], spoken=True)
        return replace(heard, spliced=reading.spliced)

    def _command_after_entry(self, grammars: tuple[Grammar, ...], tokens: Sequence[str]) -> Heard:
        own, *others = grammars
        for split in range(1, len(tokens)):
            readings = [grammar.match(tokens[split:]) for grammar in others]
            if all(reading.answer is Answer.NO for reading in readings):
                continue
            entry = own.match(tokens[:split])
            if entry.answer.complete or (self.of_digits and entry.answer is not Answer.NO):
                before = Reading(Answer.NO, partial=entry.partial)
                return _together(grammars, [before, *readings], spoken=False)
        return Heard(Answer.NO)


def _weighted(grammars: Sequence[Grammar]) -> tuple[str, ...]:
    """Return all phrases, those of other grammars once, except for digits; the field's own weigh
    OWN_WEIGHT times all others, digits not counted.
    """
    own = Counter(grammars[0].phrases())
    beside = Counter[str]()
    for grammar in grammars[1:]:
        for phrase, count in Counter(grammar.phrases()).items():
            most = DIGITS_BESIDE if phrase in DIGITS else 1
            beside[phrase] = max(beside[phrase], min(count, most))
    rivals = Counter({phrase: count for phrase, count in beside.items() if phrase not in DIGITS})
    times = max(1, round(OWN_WEIGHT * _words(rivals) / max(1, _words(own))))
    weighed = Counter({phrase: count * times for phrase, count in own.items()}) | beside
    return tuple(weighed.elements())


def _whole(grammar: Grammar) -> list[str]:
    """Return words that are whole commands by themselves, since their phrases may have lost them.
    Words that the model lacks are in no phrase.
    """
    told = dict.fromkeys(word for phrase in grammar.phrases() for word in phrase.split())
    return [word for word in told if grammar.match((word,)).answer.complete]


def _words(phrases: Counter[str]) -> int:
    return sum(len(phrase.split()) * count for phrase, count in phrases.items())


def _together(grammars: tuple[Grammar, ...], readings: Sequence[Reading], *, spoken: bool) -> Heard:
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
    whole = answers == {Answer.MAX} or (spoken and readings[0].answer is Answer.MAX)
    answer = Answer.MAX if whole else Answer.MATCH
    return Heard(answer, values, readings[0].partial)
