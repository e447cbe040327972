"""Whole phrases that a call understands, and remarks that it does not, in synthetic voices.

The recordings of ../shared/audio have single words and digits alone, so that weights fitted on them
would not know what a sentence is like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import soundfile

from acoustic_model.evaluation.test_sets import Clip
from audio_fixtures.callers import ADAM, ANNA, GRACE, PAUL, STEPH
from audio_fixtures.voices import RATE, speak
from benchmarks.recognition.heard import DIGITS_ASKED, REJECTING, asking
from benchmarks.recognition.judged import LINE, Judged
from bot.numerals import DIGITS

MEASURE = "phrases"
REMARKS = "rejection, remarks"
NUMBERS = "numbers in sentences"
VOICES = {"anna": ANNA, "paul": PAUL, "grace": GRACE, "steph": STEPH, "adam": ADAM}

_ANYWHERE = (
    "repeat",
    "say that again",
    "slower please",
    "slow down",
    "speak up please",
    "help me",
    "one moment please",
    "hold on",
    "representative",
    "i want to talk to somebody",
    "connect me with an agent",
    "can i speak to a person",
    "start over",
    "go back",
    "goodbye",
    "louder",
)
_AT_LOGIN = ("information", "i don't have one", "i forgot my pin", "i don't have a license number")
PHRASES = {
    "license number": (
        *_ANYWHERE,
        *_AT_LOGIN,
        "my license number is three one four eight oh six",
        "it's two nine seven five one six",
        "i think it's eight eight oh four two one",
        "that would be six one three nine nine two thank you",
    ),
    "PIN": (
        *_ANYWHERE,
        *_AT_LOGIN,
        "my pin is three one four eight",
        "two nine seven five please",
        "it's eight eight oh four",
    ),
    "menu": (
        *_ANYWHERE,
        "status",
        "what is the status of my application",
        "other account activity",
        "renewal information please",
        "how do i renew my license",
        "i'm done",
        "that's all",
        "no thank you",
    ),
    "yes or no": (
        *_ANYWHERE,
        "yes",
        "yes it is",
        "that's right",
        "that's correct",
        "uh huh",
        "no",
        "no it's not",
        "that's wrong",
        "yes please",
        "no thank you",
    ),
}
"""The phrases for each question."""

_REMARKS = (
    "not now please",
    "i'm on the phone",
    "can you turn that down",
    "the weather is nice today",
    "did you feed the dog",
    "wait for me in the car",
    "she went to school yesterday",
    "where are my glasses",
)
"""To others in the room: nothing is meant, whatever is asked."""

SEED = 83
SENTENCES = 160
_INSIDE = "{} uh {}"
_AROUND = (
    "my pin is {}",
    "it's {}",
    "i think it's {}",
    "i believe it's {}",
    "that would be {}",
    "the number is {}",
    "okay it's {}",
    "yes it's {}",
    "let me see {}",
    "my number is {}",
    "it is {}",
    "this is {}",
    "{} please",
    "{} thank you",
    "{} i think",
    "{} is my number",
    "{} that's it",
    "{} okay",
    "uh {}",
    "um it's {}",
    _INSIDE,
)
_ASKED = ("PIN", "PIN", "license number")
_LINES = (LINE, LINE, "tel_ulaw_babble10", "tel_ulaw_car10")


def phrases(kept: Path) -> Iterator[Judged]:
    """Each at its questions in each voice; made below ``kept`` where they are not there yet."""
    kept.mkdir(parents=True, exist_ok=True)
    for name in VOICES:
        for question in REJECTING:
            for text in PHRASES[question]:
                yield Judged(MEASURE, spoken_clip(kept, name, text), LINE, asking(question), text)
            for text in _REMARKS:
                yield Judged(REMARKS, spoken_clip(kept, name, text), LINE, asking(question), "")


def numbers_in_sentences(kept: Path) -> Iterator[Judged]:
    """Each sentence of :func:`sentences` in the next of the voices, made below ``kept``."""
    kept.mkdir(parents=True, exist_ok=True)
    names = tuple(VOICES)
    for index, (question, line, text) in enumerate(sentences()):
        clip = spoken_clip(kept, names[index % len(names)], text)
        yield Judged(NUMBERS, clip, line, asking(question), text)


def sentences() -> Iterator[tuple[str, str, str]]:
    """Random numbers with words around them or inside: question, line, text; always the same."""
    rng = Random(SEED)
    for _ in range(SENTENCES):
        question = rng.choice(_ASKED)
        said = [_digit(rng) for _ in range(DIGITS_ASKED[question])]
        around = rng.choice(_AROUND)
        cut = rng.randrange(1, len(said)) if around == _INSIDE else len(said)
        text = around.format(" ".join(said[:cut]), " ".join(said[cut:]))
        yield question, rng.choice(_LINES), text


def _digit(rng: Random) -> str:
    word = rng.choice(DIGITS)
    return rng.choice((word, "oh")) if word == DIGITS[0] else word


def spoken_clip(kept: Path, name: str, text: str) -> Clip:
    """A phrase in one of the voices, made below ``kept`` unless it is there."""
    path = kept / f"{name}-{re.sub('[^a-z]+', '_', text)}.flac"
    if not path.is_file():
        soundfile.write(path, speak(VOICES[name], text), RATE)
    return Clip(path, tuple(text.split()), MEASURE, f"synthetic {name}", MEASURE)
