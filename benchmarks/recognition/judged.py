"""Selects the recordings to judge, their conditions, and the question for each."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from acoustic_model.evaluation.evaluation import digits_of
from acoustic_model.evaluation.test_sets import (
    Clip,
    crowd_words,
    digit_strings,
    out_of_grammar,
    sentences,
    single_digits,
)
from benchmarks.recognition.heard import REJECTING, WORDS, Question, asking, string_of
from benchmarks.recognition.listener_ours import recognition
from benchmarks.recognition.recordings import SHARED
from benchmarks.recognition.speakers import voices

LINE = "tel_ulaw"
"""The condition of all that is not asked under every condition."""

CONDITIONS = (
    "clean16k",
    "tel_pcm",
    LINE,
    "tel_alaw",
    *(f"tel_ulaw_{noise}{snr}" for noise in ("babble", "car", "white") for snr in (20, 10, 5)),
    "tel_gsm",
    "tel_gsm_babble10",
    "tel_gsm_loss2",
    "tel_g726",
    "tel_ulaw_loss1",
    "tel_ulaw_loss2",
    "tel_ulaw_loss3",
    "tel_ulaw_quiet",
    "tel_ulaw_hot",
    "tel_ulaw_echo",
)
NEEDS_FFMPEG = ("tel_gsm", "tel_gsm_babble10", "tel_gsm_loss2", "tel_g726")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """One recording, asked one thing under one condition.

    ``measure`` is what its answer counts for; ``wanted`` the right value, "" where nothing is.
    """

    measure: str
    clip: Clip
    condition: str
    question: Question
    wanted: str

    @property
    def recording(self) -> str:
        """A name of the recording that stays the same."""
        return f"{self.clip.path.parent.name}/{self.clip.path.name}"


def judged(every: int, voices_of: Path, kept: Path) -> list[Judged]:
    """Everything; ``every`` takes each n-th recording of a set only."""
    made_strings, made_words = voices(voices_of, kept / "voices")
    strings = [*digit_strings(SHARED), *made_strings][::every]
    found = [_string(clip, condition) for condition in conditions() for clip in strings]
    found += [
        Judged("single digits", clip, LINE, string_of(1), digits_of(clip.words))
        for clip in single_digits(SHARED)[::every]
    ]
    commands = [c for c in crowd_words(SHARED) if c.kind == "command" and c.words != ("go",)]
    found += [
        Judged("single words", clip, LINE, asking(WORDS), " ".join(clip.words))
        for clip in [*commands, *made_words][::every]
    ]
    for name, clips in foreign().items():
        found += [
            Judged(f"rejection, {name}", clip, LINE, asking(question), "")
            for question in REJECTING
            for clip in clips[::every]
        ]
    return found


def conditions() -> list[str]:
    """Those that can be rendered here."""
    return [one for one in CONDITIONS if one not in NEEDS_FFMPEG or shutil.which("ffmpeg")]


def foreign() -> dict[str, list[Clip]]:
    """Recordings that are no answer to any question.

    ``right`` is a yes, and numbers in dates may be digits.
    """
    others = [c for c in crowd_words(SHARED) if c.kind == "other" and c.words != ("right",)]
    sounds = [clip for clip in out_of_grammar(SHARED) if not clip.near]
    return {
        "words": others,
        "sentences": sentences(SHARED),
        "other speech": [clip for clip in sounds if clip.kind == "speech"],
        "music and noise": [clip for clip in sounds if clip.kind == "nonspeech"],
    }


def spread(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """At most ``limit`` items, evenly over all."""
    return items if limit is None else items[:: max(1, len(items) // limit)][:limit]


def _string(clip: Clip, condition: str) -> Judged:
    wanted = digits_of(clip.words)
    return Judged("strings", clip, condition, string_of(len(clip.words)), wanted)


def meanings(job: Judged) -> set[str]:
    """All that the words of a recording mean to the grammars it is asked with."""
    grammars = recognition(job.question.uris).grammars
    return {value for _, value in grammars.match("voice", job.clip.words).values}
