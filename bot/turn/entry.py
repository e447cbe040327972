"""Collects a caller's entry: spoken and keyed parts in any order, and how complete they are.

Keys alone are parsed in the grammars' dtmf mode, anything with words in it in the voice mode, in
which keys stand for their digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.grammar import ActiveGrammars, Answer
from bot.grammar.grammars import KEY_WORDS
from bot.hearing.confidence import UNFITTED, Confidence, Sound
from bot.hearing.interpretation import (
    FITTED,
    EntryParameters,
    Words,
    interpret,
    remainder,
    without_unknown,
)
from bot.hearing.missing_digit import around_gaps
from bot.hearing.result import FillerPath, RecognitionResult
from bot.interfaces import Rescored
from bot.types import KEYS, Hypothesis, Interpretation, Match, Mode, NoMatch


@dataclass(frozen=True, slots=True)
class Part:
    """The recognition result of one spoken part, or one key (a single certain alternative)."""

    heard: RecognitionResult
    key: str = field(default="", repr=False)


class Entry:
    """Collects spoken and keyed parts, and matches them with the grammars."""

    def __init__(
        self,
        grammars: ActiveGrammars,
        max_nbest: int,
        confidence: Confidence = UNFITTED,
        parameters: EntryParameters = FITTED,
        parts: Sequence[Part] = (),
    ) -> None:
        self._grammars = grammars
        self._max_nbest = max_nbest
        self._confidence = confidence
        self._parameters = parameters
        self._parts = list(parts)
        self.left_out = False
        """True if speech was left out of the entry or its result."""

    @property
    def empty(self) -> bool:
        """True if nothing was entered."""
        return not self._parts

    @property
    def mode(self) -> Mode:
        """How the parts were entered; voice if there are none."""
        keyed = [bool(part.key) for part in self._parts]
        if not any(keyed):
            return "voice"
        return "dtmf" if all(keyed) else "mixed"

    @property
    def said_while_keyed(self) -> bool:
        """True if each digit is spoken while its key is pressed: speech and keys alternate. Then
        the keys are the entry, and the speech only repeats it.
        """
        if not self._grammars.of_digits:
            return False
        keyed = [bool(part.key) for part in self._parts]
        turns = sum(one != other for one, other in pairwise(keyed))
        echoed = self._echoed()
        return turns > 1 and 0 < sum(keyed) <= 2 * echoed

    def _echoed(self) -> int:
        """Count the keys whose spoken digit directly precedes or follows them."""
        words = [() if part.key else _words(part) for part in self._parts]
        behind, ahead = [(), *words], [*words[1:], ()]
        return sum(
            KEY_WORDS.get(part.key) in (*before[-1:], *after[:1])
            for part, before, after in zip(self._parts, behind, ahead, strict=False)
            if part.key
        )

    @property
    def doubtful(self) -> bool:
        """True if the keys alone may be the beginning of an entry: then the spoken part may have
        been noise, and another key may follow; or the last key's digit may still be spoken.
        """
        if self.said_while_keyed:
            return True
        return self.mode == "mixed" and self._keys_alone() in (Answer.POTENTIAL, Answer.MATCH)

    def add_key(self, key: str) -> None:
        """Append a key; drop speech before it that cannot begin an entry, as it was noise."""
        first = self._parts[0] if self._parts else None
        if first and not first.key and not any(map(self._begins, first.heard.alternatives)):
            del self._parts[0]
            self.left_out = True
        self._parts.append(Part(RecognitionResult((Hypothesis((key,)),)), key))

    def add_spoken(self, heard: RecognitionResult) -> bool:
        """Append a spoken part; return False, and add nothing, if it has no words."""
        if not any(without_unknown(one.words) for one in heard.alternatives):
            return False
        self._parts.append(Part(heard))
        return True

    def add_text(self, tokens: Sequence[str]) -> bool:
        """Append text input: as keys if it consists of keys only, otherwise as words."""
        keys = "".join(tokens)
        if not set(keys) <= set(KEYS):
            return self.add_spoken(RecognitionResult((Hypothesis(tuple(tokens)),)))
        for key in keys:
            self.add_key(key)
        return True

    @property
    def takes_back(self) -> bool:
        """True if the last part has digits, or begins with words that take digits back."""
        last = self._parts[-1].heard.alternatives[0] if self._parts else Hypothesis(())
        return self._grammars.goes_on(without_unknown(last.words))

    def best(self, heard: RecognitionResult, sound: Sound, guess: Words) -> Interpretation | None:
        """Return the entry's best interpretation if these alternatives were appended, or None.
        ``guess`` is as in :meth:`result`."""
        tried = Entry(
            self._grammars, self._max_nbest, self._confidence, self._parameters, self._parts
        )
        tried.add_spoken(heard)
        result = tried.result(sound, guess)
        return result.best if isinstance(result, Match) else None

    def answer(self, partial: Sequence[str] = ()) -> Answer:
        """Return how complete the entry is, followed by the words that are being spoken now."""
        words = without_unknown(partial)
        if (self.mode == "dtmf" and not words) or self.said_while_keyed:
            return self._keys_alone()
        mode: Mode = "mixed" if self.mode != "voice" else "voice"
        whole = self._grammars.match(mode, self._tokens() + words).answer
        if whole is not Answer.NO or self.mode == "voice":
            return whole
        return self._grammars.match("voice", words).answer if words else self._keys_alone()

    def result(self, sound: Sound, guess: Sequence[str] = ()) -> Match | NoMatch:
        """Return the interpretations of the alternatives, merged by value.

        ``guess`` is the last partial result, which counts as the least likely alternative.
        If spoken and keyed parts have no interpretation together, the keys alone count, then the
        last words alone.
        """
        if self.mode == "dtmf" or self.said_while_keyed:
            return self._keyed()
        whole = self._whole(tuple(guess))
        nbest = self._interpreted(whole, self.mode, sound)
        if not nbest and self.mode == "mixed":
            self.left_out = True
            keyed = self._keyed()
            if isinstance(keyed, Match):
                return keyed
            nbest = self._interpreted(self._parts[-1].heard, "voice", sound)
        if nbest:
            return Match(nbest[: self._max_nbest])
        gaps = around_gaps(self._grammars, whole.alternatives, self.mode)
        extra = self._parameters.most_extra
        rest = gaps or remainder(self._grammars, whole.alternatives, self.mode, extra)
        too_long = not rest and self._grammars.too_long(self._tokens())
        return NoMatch(self.mode, rest[: self._max_nbest], too_long=too_long)

    def _interpreted(
        self, heard: RecognitionResult, mode: Mode, sound: Sound
    ) -> tuple[Interpretation, ...]:
        return interpret(self._grammars, heard, mode, sound, self._confidence, self._parameters)

    def _begins(self, heard: Hypothesis) -> bool:
        known = without_unknown(heard.words)
        return bool(known) and self._grammars.match("voice", known).answer is not Answer.NO

    def _tokens(self) -> Words:
        """Return the most likely words so far, with the keys between them."""
        best = (without_unknown(part.heard.alternatives[0].words) for part in self._parts)
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

    def _whole(self, guess: Words) -> RecognitionResult:
        """Join all parts into one utterance, with only the scores that every spoken part has."""
        alternatives = tuple(self._combinations(guess))
        spoken = [part.heard for part in self._parts if not part.key]
        paths = [one.filler_path for one in spoken if one.filler_path is not None]
        if not spoken or len(paths) < len(spoken):
            return RecognitionResult(alternatives)
        return RecognitionResult(
            alternatives,
            FillerPath(sum(one.log_likelihood for one in paths), sum(one.unknown for one in paths)),
            reach=min(one.reach for one in spoken),
            fused=any(one.fused for one in spoken),
            spotted=_spotted_in(spoken),
            rescored=_rescored_in(self._parts, self._parameters.most_combinations),
        )

    def _combinations(self, guess: Words) -> list[Hypothesis]:
        """Combine the parts' alternatives into whole entries, most likely first."""
        found, most = [Hypothesis(())], self._parameters.most_combinations
        for part in self._parts:
            longer = (_joined(start, one) for start in found for one in part.heard.alternatives)
            found = sorted(longer, key=lambda one: -one.log_likelihood)[:most]
        if guess and len(self._parts) == 1 and all(one.words != guess for one in found):
            behind = self._parameters.guess_behind
            found.append(Hypothesis(guess, found[-1].log_likelihood - behind))
        return found


def _spotted_in(parts: Sequence[RecognitionResult]) -> dict[str, float]:
    """Merge the words spotted in the parts; empty if the spotter did not run on one of them."""
    if not all(part.spotted for part in parts):
        return {}
    words = {word for part in parts for word in part.spotted}
    return {word: max(p.spotted[word] for p in parts if word in p.spotted) for word in words}


def _words(part: Part) -> Words:
    return without_unknown(part.heard.alternatives[0].words)


def _rescored_in(parts: Sequence[Part], most: int) -> dict[Words, Rescored]:
    """Combine the parts' rescored alternatives into whole entries, likeliest first; empty if the
    rescorer did not score one of the parts."""
    found: dict[Words, Rescored] = {(): Rescored(own=0.0)}
    for part in parts:
        scored = {(part.key,): Rescored(own=0.0)} if part.key else part.heard.rescored
        longer = {
            start + more: Rescored(
                before.log_likelihood + score.log_likelihood,
                before.behind + score.behind,
                _sum(before.own, score.own),
            )
            for start, before in found.items()
            for more, score in scored.items()
        }
        ranked = sorted(longer.items(), key=lambda one: -one[1].log_likelihood)
        found = dict(ranked[:most])
    return found


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _joined(start: Hypothesis, more: Hypothesis) -> Hypothesis:
    words = start.words + without_unknown(more.words)
    return Hypothesis(words, start.log_likelihood + more.log_likelihood)
