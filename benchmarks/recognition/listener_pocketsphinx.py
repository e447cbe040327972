"""Pocketsphinx with its own English model and a grammar of just so many digits."""

from __future__ import annotations

from functools import cache

import pocketsphinx

from acoustic_model.evaluation.evaluation import digits_of
from benchmarks.recognition.heard import Heard, Question
from bot.audio.files import Audio, resample, to_pcm

RATE = 16_000
"""Sampling rate of its model; telephone audio is resampled."""


class Pocketsphinx:
    """The whole recording is one utterance; the length is known, and nothing is rejected."""

    name = "pocketsphinx"

    def prepare(self) -> None:
        """Load the model."""
        _decoder()

    def hear(self, audio: Audio, question: Question) -> Heard | None:
        """A digit string."""
        if not question.digits:
            return None
        decoder = _decoder()
        decoder.activate_search(_search(question.digits))
        decoder.start_utt()
        pcm = to_pcm(resample(audio.samples, audio.rate, RATE))
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        words = found.hypstr.split() if found is not None else []
        return Heard(digits_of(words), audio.duration_ms)


def grammar(digits: int) -> str:
    """A JSGF grammar of exactly so many digits."""
    string = " ".join(["<digit>"] * digits)
    return (
        "#JSGF V1.0; grammar digits;\n"
        f"public <string> = {string};\n"
        "<digit> = zero | oh | one | two | three | four | five | six | seven | eight | nine;\n"
    )


@cache
def _search(digits: int) -> str:
    name = f"digits{digits}"
    _decoder().add_jsgf_string(name, grammar(digits))
    return name


@cache
def _decoder() -> pocketsphinx.Decoder:
    return pocketsphinx.Decoder(lm=None, samprate=RATE, loglevel="FATAL")
