"""A scripted caller before a TurnMachine: says words, keeps silent, presses keys.

A word lasts 300 ms; the recognizer's partial result has it 240 ms after its beginning, and the
detector hangs on for 100 ms after the last one: about what Vosk and Silero do.
"""

from __future__ import annotations

from functools import lru_cache

from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.hearing.observation import Observation
from bot.hearing.result import MorePasses, RecognitionResult
from bot.turn.actions import Action, Actions, Prepare, Recognize
from bot.turn.key_timer import FullEntry
from bot.turn.machine import TurnMachine
from bot.turn.options import CollectOptions
from bot.turn.parameters import FITTED, TurnParameters
from bot.types import Hypothesis, Match, NoMatch, Properties
from tests.support.grammars import project_grammars

PIECE_MS, WORD_MS, LAG_MS, HANG_MS = 20, 300, 240, 100
SPEECH_DB, NOISE_DB = -20.0, -65.0

UNIVERSALS = "universals.grxml"
NUMBER = ("digits.grxml?length=6", UNIVERSALS)
PIN = ("digits.grxml?length=4", UNIVERSALS)
MENU = ("menu.grxml", UNIVERSALS)
YESNO = ("yesno.grxml", UNIVERSALS)


SPOKEN = "four two one nine oh three"
VALUE = "421903"


@lru_cache
def active(*uris: str) -> ActiveGrammars:
    """A set of them; ``active("pin.grxml", "universals.grxml")``."""
    return ActiveGrammars([project_grammars().get(uri) for uri in uris])


class Caller:
    """Drives a machine and does what it asks of the recognizer; ``did`` are the prompt actions,
    ``wanted`` is who else it wanted to hear an utterance, and ``prepared`` is when."""

    def __init__(
        self,
        listening_to: ActiveGrammars,
        properties: Properties | None = None,
        *,
        playing: bool = False,
        caller_db: float | None = None,
        secret: bool = False,
        confidence: Confidence = UNFITTED,
        after: FullEntry | None = None,
        parameters: TurnParameters = FITTED,
    ) -> None:
        options = CollectOptions(
            listening_to, properties or Properties(), secret, confidence, after, parameters
        )
        self.machine = TurnMachine(options, start_ms=0, playing=playing, caller_db=caller_db)
        self.now_ms = 0
        self.did: list[tuple[int, Action]] = []
        self.wanted: list[MorePasses] = []
        self.prepared: list[int] = []
        self.also_heard: list[Hypothesis] = []
        self._heard: list[str] = []
        self._coming: list[tuple[int, str]] = []

    @property
    def over(self) -> bool:
        return self.machine.result is not None

    @property
    def value(self) -> str:
        """What was understood; fails where nothing was."""
        assert isinstance(self.machine.result, Match), self.machine.result
        return self.machine.result.best.value

    @property
    def partial(self) -> list[str]:
        """Values of a NoMatch's partial."""
        assert isinstance(self.machine.result, NoMatch), self.machine.result
        return [one.value for one in self.machine.result.partial]

    def says(self, words: str, *, level_db: float = SPEECH_DB, hang: bool = True) -> Caller:
        """Words without a pause between them; the detector hangs on behind the last one."""
        said = words.split()
        for index, word in enumerate(said):
            self._coming.append((self.now_ms + index * WORD_MS + LAG_MS, word))
        self._pieces(WORD_MS * len(said) + (HANG_MS if hang else 0), 1.0, level_db)
        return self

    def hears_noise(self, ms: int, *, level_db: float, probability: float = 0.9) -> Caller:
        """Sound without words."""
        self._pieces(ms, probability, level_db)
        return self

    def clicks_like(self, word: str) -> Caller:
        """A sound too short for the word that the recognizer takes it for."""
        self._coming.append((self.now_ms, word))
        return self.hears_noise(80, level_db=SPEECH_DB)

    def is_silent(self, ms: int) -> Caller:
        self._pieces(ms, 0.0, NOISE_DB)
        return self

    def presses(self, keys: str, *, every_ms: int = 200) -> Caller:
        """Keys one after the other, each followed by silence."""
        for key in keys:
            if self.over:
                break
            self._do(self.machine.on_key(key, self.now_ms))
            self.is_silent(every_ms)
        return self

    def prompt_ends(self) -> Caller:
        self._do(self.machine.on_prompt_end(self.now_ms))
        return self

    def until_over(self, at_most_ms: int = 60_000) -> Caller:
        """Silence until the machine has decided."""
        limit = self.now_ms + at_most_ms
        while not self.over:
            assert self.now_ms < limit, "the turn does not end"
            self.is_silent(PIECE_MS)
        return self

    def _pieces(self, ms: int, probability: float, level_db: float) -> None:
        for _ in range(0, ms, PIECE_MS):
            if self.over:
                return
            self.now_ms += PIECE_MS
            while self._coming and self._coming[0][0] <= self.now_ms:
                self._heard.append(self._coming.pop(0)[1])
            partial = tuple(self._heard) if self.machine.attention.listening or self._heard else ()
            seen = Observation(self.now_ms, PIECE_MS, probability, level_db, NOISE_DB, partial)
            self._do(self.machine.on_audio(seen))

    def _do(self, actions: Actions) -> None:
        for action in actions:
            match action:
                case Prepare():
                    self.prepared.append(self.now_ms)
                case Recognize(needs, then, last):
                    heard = RecognitionResult(self._nbest())
                    self.wanted.append(needs(heard))
                    if last:
                        self._forget()
                    self._do(then(heard))
                case Action.DISCARD:
                    self._forget()
                case _:
                    self.did.append((self.now_ms, action))

    def _forget(self) -> None:
        self._heard, self._coming, self.also_heard = [], [], []

    def _nbest(self) -> tuple[Hypothesis, ...]:
        """The final decode has the words that the partial result still lacks."""
        heard = (*self._heard, *(word for _, word in self._coming if _ <= self.now_ms + LAG_MS))
        best = (Hypothesis(heard, 0.0),) if heard else ()
        return (*best, *self.also_heard)


def number(**more: object) -> Caller:
    """A caller who is asked for a number of six digits."""
    return Caller(active(*NUMBER), **more)  # type: ignore[arg-type]
