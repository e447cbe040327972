"""Callers' behaviors as replay scripts: each is a list of turns that answer questions.

Callers react to the question, as people do: they confirm or deny a number that is read back, key
missing digits, and use the keypad when asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml

from acoustic_model.evaluation.test_sets import Clip
from benchmarks.calls.callers import Account, Cast
from benchmarks.recognition.recordings import SHARED, take
from bot.audio.files import write_wav
from bot.grammar.grammars import KEY_WORDS

Turn = dict[str, Any]
Goal = Literal["status", "person", "information", "refusal"]
"""The goal of a call: hearing the status, a person, or general information; for a stranger, as the
department sees it, a refusal.
"""
RIGHT = r"\W+is that right"
YES_OR_NO = "yes or no|for yes, press"
NUMBER_ASKED = r"say or key (your|each)\b(?!.* pin)|say it one digit at a time"
PIN_ASKED = "say or key (the|your) four digit pin"
"""Patterns of the prompts that a caller listens for."""

ROUNDS = 5
"""Share of callers who answer all questions before falling silent."""

VOICES = ("gmw/en-US", "gmw/en+adam", "gmw/en-US+f2", "gmw/en+m3")
"""espeak-ng's voice for words without recordings."""

LEAD_MS, TAIL_MS = 60, 120
PAUSES_MS = (800, 1_200)
COUNTS = ("", "one", "two", "three", "four", "five")


@dataclass(frozen=True, slots=True)
class Line:
    """Sound of a call: degrade.py's condition for the caller, and constant background noise."""

    name: str
    condition: str = "tel_ulaw"
    noise: str = ""
    snr_db: int = 0


LINES = (
    Line("µ-law"),
    Line("babble at 20 dB", noise="babble1.flac", snr_db=20),
    Line("babble at 10 dB", noise="babble2.flac", snr_db=10),
    Line("car at 10 dB", noise="car1.flac", snr_db=10),
    Line("GSM", "tel_gsm"),
    Line("3 % packet loss", "tel_ulaw_loss3"),
    Line("18 dB quieter", "tel_ulaw_quiet"),
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The caller's words and keys for license number and PIN."""

    number: Clip
    license_number: str
    pin: Clip
    pin_digits: str
    spoken_number: bool = True
    spoken_pin: bool = True
    pause_ms: int = 0


class Speech:
    """Renders recordings for one line into files in a folder, each only once."""

    def __init__(self, folder: Path, line: Line) -> None:
        self._folder = folder / "audio" / line.condition
        self._line = line

    def file(self, clip: Clip, pause_ms: int = 0) -> str:
        """The rendered file; without the pause if the speaker leaves no gap for it."""
        path = self._folder / f"{clip.path.parent.name}-{clip.path.stem}-{pause_ms}.wav"
        if not path.is_file():
            made = take(clip, self._line.condition, pause_ms, lead_ms=LEAD_MS, tail_ms=TAIL_MS)
            if made is None:
                return self.file(clip)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, made.audio.samples, made.audio.rate)
        return str(path)


@dataclass(frozen=True, slots=True)
class Scene:
    """One call's account, voices, and random generator."""

    account: Account
    cast: Cast
    speech: Speech
    rng: Random

    @property
    def own(self) -> Numbers:
        """The caller's correct numbers, spoken."""
        one = self.account
        return Numbers(one.number, one.license_number, one.pin, one.pin_digits)

    def says(self, word: str) -> str:
        """The file of a spoken word."""
        return self.speech.file(self.cast.word(word, self.account.speaker, self.rng))

    def round(self, numbers: Numbers, to_the_pin: bool = False) -> list[Turn]:
        """One answer to each possible question, in the order of a call."""
        turns = [*self._confirmations(numbers.license_number), *_rest(numbers.license_number)]
        turns += self._number(numbers)
        if not to_the_pin:
            turns += [*self._pin(numbers), *self._menu(numbers)]
        else:
            turns += self._confirmations(numbers.license_number)
        return [{"after_ms": self.rng.randrange(300, 1_000), **turn} for turn in turns]

    def rounds(self, numbers: Numbers, times: int = ROUNDS) -> list[Turn]:
        """Answers for several rounds, until the caller gives up."""
        return [turn for _ in range(times) for turn in self.round(numbers)]

    def _confirmations(self, number: str) -> Iterable[Turn]:
        said = [spoken_digits(number[:length]) for length in range(3, len(number))]
        partly = f"so far i have ({'|'.join(said)}){RIGHT}"
        right = f"(heard|number is) {spoken_digits(number)}{RIGHT}|{partly}"
        for word, key, pattern in (("yes", "1", right), ("no", "2", "is that right")):
            yield {"audio": self.says(word), "if_heard": pattern}
            yield {"audio": self.says(word), "if_heard": YES_OR_NO}
            yield {"keys": key, "if_heard": "for yes, press"}

    def _number(self, numbers: Numbers) -> Iterable[Turn]:
        keyed = r"please (key|use the keypad for) [a-z ]*license number"
        if numbers.spoken_number:
            audio = self.speech.file(numbers.number, numbers.pause_ms)
            yield {"audio": audio, "if_heard": NUMBER_ASKED}
        else:
            keyed = f"{NUMBER_ASKED}|{keyed}"
        yield {"keys": numbers.license_number, "if_heard": keyed}

    def _pin(self, numbers: Numbers) -> Iterable[Turn]:
        keyed = r"please (key|use the keypad for) [a-z ]*pin\b"
        if numbers.spoken_pin:
            audio = self.speech.file(numbers.pin, numbers.pause_ms)
            yield {"audio": audio, "if_heard": PIN_ASKED}
        else:
            keyed = f"{PIN_ASKED}|{keyed}"
        yield {"keys": numbers.pin_digits, "if_heard": keyed}

    def _menu(self, numbers: Numbers) -> Iterable[Turn]:
        if numbers.spoken_pin:
            yield {"audio": self.says("four"), "if_heard": "press four|three or four"}
        yield {"keys": "4", "if_heard": "press four|on your keypad"}


def _rest(number: str) -> Iterable[Turn]:
    """Answers that key missing digits."""
    for count in range(1, 4):
        yield {"keys": number[-count:], "if_heard": f"still missing: {COUNTS[count]}"}


def spoken_digits(number: str) -> str:
    """Digit by digit."""
    return " ".join(KEY_WORDS[digit] for digit in number)


# -- what callers do --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behavior:
    """One behavior; ``refused`` is how often such a caller should be refused."""

    name: str
    turns: Callable[[Scene], list[Turn]]
    refused: int = 0
    knows_pin: bool = True
    goal: Goal = "status"


def _speaks(scene: Scene) -> list[Turn]:
    return scene.rounds(scene.own)


def _keys_pin(scene: Scene) -> list[Turn]:
    return scene.rounds(replace(scene.own, spoken_pin=False))


def _keys(scene: Scene) -> list[Turn]:
    return scene.rounds(replace(scene.own, spoken_number=False, spoken_pin=False))


def _hesitates(scene: Scene) -> list[Turn]:
    return scene.rounds(replace(scene.own, pause_ms=scene.rng.choice(PAUSES_MS)))


def _corrects(scene: Scene) -> list[Turn]:
    """Says another number, notices it at the PIN, and starts over, twice if necessary."""
    before = scene.round(other_number(scene), to_the_pin=True)
    voice = scene.rng.choice(VOICES)
    again = {"say": "start over", "voice": voice, "if_heard": "four digit pin"}
    return [*before, again, again, *scene.rounds(scene.own)]


def _wrong_number(scene: Scene) -> list[Turn]:
    return [*scene.round(other_number(scene)), *scene.rounds(scene.own)]


def _wrong_pin(scene: Scene) -> list[Turn]:
    wrong = scene.rng.choice(scene.cast.wrong_pins(scene.account))
    return [*scene.round(_with_pin(scene.own, wrong)), *scene.rounds(scene.own)]


def _stranger(scene: Scene) -> list[Turn]:
    """Knows the number and guesses PINs."""
    wrong = scene.cast.wrong_pins(scene.account)
    guessed = scene.rng.sample(wrong, min(ROUNDS, len(wrong)))
    return [turn for pin in guessed for turn in scene.round(_with_pin(scene.own, pin))]


def _talks_first(scene: Scene) -> list[Turn]:
    chatter = scene.speech.file(scene.rng.choice(scene.cast.chatter))
    return [{"audio": chatter, "during_prompt_ms": 1_500}, *scene.rounds(scene.own)]


def _silent_first(scene: Scene) -> list[Turn]:
    return [{"silence_ms": 11_000}, *scene.rounds(scene.own)]


def _commands(scene: Scene) -> list[Turn]:
    """Asks for help, and for a repetition of the second question."""
    asks = {"audio": scene.says("help")}
    number = scene.round(scene.own, to_the_pin=True)
    again = {"audio": scene.says("repeat"), "if_heard": "four digit pin"}
    return [asks, *number, again, *scene.rounds(scene.own)]


def other_number(scene: Scene) -> Numbers:
    """Another license number of the same speaker."""
    other = scene.rng.choice(scene.cast.others(scene.account))
    return replace(scene.own, number=other.number, license_number=other.license_number)


def _with_pin(numbers: Numbers, pin: Clip) -> Numbers:
    digits = {word: digit for digit, word in KEY_WORDS.items()} | {"oh": "0"}
    return replace(numbers, pin=pin, pin_digits="".join(digits[word] for word in pin.words))


BEHAVIORS = (
    Behavior("speaks everything", _speaks),
    Behavior("speaks, keys the PIN", _keys_pin),
    Behavior("keys everything", _keys),
    Behavior("hesitates inside numbers", _hesitates),
    Behavior("corrects the number", _corrects),
    Behavior("a wrong number once", _wrong_number, refused=1),
    Behavior("a wrong PIN once", _wrong_pin, refused=1),
    Behavior("does not know the PIN", _stranger, refused=3, knows_pin=False, goal="refusal"),
    Behavior("talks first", _talks_first),
    Behavior("says nothing first", _silent_first),
    Behavior("asks for help and repetition", _commands),
)


def write_script(path: Path, behavior: Behavior, scene: Scene, line: Line) -> None:
    """One call as a file that ``elms-ivr replay`` reads."""
    expected = {
        "status": {"outcome": "completed", "verified": True},
        "person": {"outcome": "transferred"},
        "information": {"outcome": "completed", "verified": False},
        "refusal": {"outcome": "transferred", "verified": False},
    }
    script: Mapping[str, Any] = {
        "name": f"{scene.account.speaker} {behavior.name}, {line.name}",
        "turns": behavior.turns(scene),
        "expect": expected[behavior.goal],
    }
    if line.noise:
        noise = {"noise": str(SHARED / "dev" / "noise" / line.noise), "snr_db": line.snr_db}
        script = {**script, "condition": noise}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(dict(script), allow_unicode=True), encoding="utf-8")
