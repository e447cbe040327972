"""One entry of the caller: spoken and keyed parts in any order, and how complete they are.

Keys alone are read by the grammars' dtmf mode, anything with words in it by the voice mode, in
which keys stand for their digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.grammar import ActiveGrammars, Answer
from bot.hearing.confidence import UNFITTED, Confidence, Rival, Sound
from bot.hearing.interpretation import (
    EntryMeasurements,
    Words,
    interpret,
    remainder,
    without_unknown,
)
from bot.hearing.missing_digit import around_gaps
from bot.types import Hypothesis, Interpretation, Match, Mode, NoMatch

_MOST_COMBINATIONS = 50
_GUESS_BEHIND = 8.0
"""How far, in log-likelihood, a partial result is put behind the last final alternative."""


@dataclass(frozen=True, slots=True)
class Part:
    """Alternatives of one spoken part, or one key (a single sure alternative)."""

    alternatives: tuple[Hypothesis, ...]
    key: str = field(default="", repr=False)
    rival: Rival | None = None


class Entry:
    """Grows part by part; asks the grammars."""

    def __init__(
        self, grammars: ActiveGrammars, max_nbest: int, confidence: Confidence = UNFITTED
    ) -> None:
        self._grammars = grammars
        self._max_nbest = max_nbest
        self._confidence = confidence
        self._parts: list[Part] = []
        self.left_out = False
        """Whether something was said that the entry, or its result, is without."""

    @property
    def empty(self) -> bool:
        """Whether nothing was entered."""
        return not self._parts

    @property
    def mode(self) -> Mode:
        """How the parts were entered; voice where there are none."""
        keyed = [bool(part.key) for part in self._parts]
        if not any(keyed):
            return "voice"
        return "dtmf" if all(keyed) else "mixed"

    @property
    def doubtful(self) -> bool:
        """Whether the keys alone may be the beginning of an entry: then the spoken part may have
        been noise, and another key may follow."""
        return self.mode == "mixed" and self._keys_alone() in (Answer.POTENTIAL, Answer.MATCH)

    def add_key(self, key: str) -> None:
        """A key, behind what was entered before; speech that can begin no entry was noise."""
        first = self._parts[0] if self._parts else None
        if first and not first.key and not any(self._begins(a.words) for a in first.alternatives):
            del self._parts[0]
            self.left_out = True
        self._parts.append(Part((Hypothesis((key,)),), key))

    def add_spoken(self, nbest: Sequence[Hypothesis], rival: Rival | None = None) -> bool:
        """A spoken part; False, and nothing added, where there are no words."""
        if not any(without_unknown(one.words) for one in nbest):
            return False
        self._parts.append(Part(tuple(nbest), rival=rival))
        return True

    def best(
        self, spoken: Sequence[Hypothesis], rival: Rival | None, sound: Sound, guess: Words
    ) -> Interpretation | None:
        """The best meaning that these alternatives would give the entry, behind what is in it;
        None where they would give none. ``guess`` as in :meth:`result`."""
        tried = Entry(self._grammars, self._max_nbest, self._confidence)
        tried._parts = list(self._parts)
        tried.add_spoken(spoken, rival)
        result = tried.result(sound, guess)
        return result.best if isinstance(result, Match) else None

    def answer(self, partial: Sequence[str] = ()) -> Answer:
        """How complete the entry is, with the words that are being spoken now behind it."""
        words = without_unknown(partial)
        if self.mode == "dtmf" and not words:
            return self._keys_alone()
        mode: Mode = "mixed" if self.mode != "voice" else "voice"
        whole = self._grammars.match(mode, self._tokens() + words).answer
        if whole is not Answer.NO or self.mode == "voice":
            return whole
        return self._grammars.match("voice", words).answer if words else self._keys_alone()

    def result(self, sound: Sound, guess: Sequence[str] = ()) -> Match | NoMatch:
        """What was entered: the alternatives that mean something, merged by value.

        ``guess`` is the last partial result, which counts as the least likely alternative.
        Where spoken and keyed parts make no sense together, the keys alone count, then the last
        words alone.
        """
        if self.mode == "dtmf":
            return self._keyed()
        combinations = self._combinations(tuple(guess))
        said = EntryMeasurements(self.mode, sound, self._rival())
        nbest = interpret(self._grammars, combinations, said, self._confidence)
        if not nbest and self.mode == "mixed":
            self.left_out = True
            keyed = self._keyed()
            if isinstance(keyed, Match):
                return keyed
            last = self._parts[-1]
            said = EntryMeasurements("voice", sound, last.rival)
            nbest = interpret(self._grammars, last.alternatives, said, self._confidence)
        if nbest:
            return Match(nbest[: self._max_nbest])
        gaps = around_gaps(self._grammars, combinations, self.mode)
        rest = gaps or remainder(self._grammars, combinations, self.mode)
        return NoMatch(self.mode, rest[: self._max_nbest])

    def _begins(self, words: Sequence[str]) -> bool:
        known = without_unknown(words)
        return bool(known) and self._grammars.match("voice", known).answer is not Answer.NO

    def _tokens(self) -> Words:
        """The most likely words so far, with the keys between them."""
        best = (without_unknown(part.alternatives[0].words) for part in self._parts)
        return tuple(word for words in best for word in words)

    def _keys(self) -> Words:
        return tuple(part.key for part in self._parts if part.key)

    def _keys_alone(self) -> Answer:
        return self._grammars.match("dtmf", self._keys()).answer

    def _keyed(self) -> Match | NoMatch:
        keys = self._keys()
        heard = self._grammars.match("dtmf", keys)
        text = " ".join(keys)
        if heard.answer.complete:
            found = heard.values[: self._max_nbest]
            return Match(tuple(Interpretation(text, v, 1.0, "dtmf", name) for name, v in found))
        own = self._grammars.pairs[0].dtmf.name
        partial = (Interpretation(text, value, 1.0, "dtmf", own) for value in heard.partial)
        return NoMatch("dtmf", tuple(partial))

    def _rival(self) -> Rival | None:
        """Of all spoken parts together; None where one of them has none."""
        rivals = [part.rival for part in self._parts if not part.key]
        if not rivals or None in rivals:
            return None
        known = [rival for rival in rivals if rival is not None]
        together = sum(rival.log_likelihood for rival in known)
        reach = min(rival.reach for rival in known)
        both = any(rival.both for rival in known)
        unknown = sum(rival.unknown for rival in known)
        return Rival(together, unknown, reach, both, _spotted_in(known))

    def _combinations(self, guess: Words) -> list[Hypothesis]:
        """Whole entries from the alternatives of the parts, most likely first."""
        found = [Hypothesis(())]
        for part in self._parts:
            longer = (_joined(start, one) for start in found for one in part.alternatives)
            found = sorted(longer, key=lambda one: -one.log_likelihood)[:_MOST_COMBINATIONS]
        if guess and len(self._parts) == 1 and all(one.words != guess for one in found):
            found.append(Hypothesis(guess, found[-1].log_likelihood - _GUESS_BEHIND))
        return found


def _spotted_in(rivals: Sequence[Rival]) -> dict[str, float]:
    """Words that are in any of the parts; none where a part was not listened to for them."""
    if not all(rival.spotted for rival in rivals):
        return {}
    words = {word for rival in rivals for word in rival.spotted}
    return {word: max(r.spotted[word] for r in rivals if word in r.spotted) for word in words}


def _joined(start: Hypothesis, more: Hypothesis) -> Hypothesis:
    words = start.words + without_unknown(more.words)
    return Hypothesis(words, start.log_likelihood + more.log_likelihood)
