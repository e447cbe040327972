"""Whisper alone: the rescorer's own model, which hears the whole recording in one window.

Free to write anything, in its window of 30 s, as its documentation uses it; or nothing but digits,
in a window as long as the recording, in which more of them are right. The length is not known, and
nothing is rejected.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import numpy as np

from benchmarks.recognition.heard import Heard, Question
from bot.adapters.whisper_folder import WhisperFolder, installed_folder, open_folder
from bot.audio.files import Audio, resample
from bot.audio.log_mel import RATE_HZ, log_mel
from bot.errors import ModelError
from bot.hearing.spellings import figures, is_numeral
from bot.hearing.transcript import words_of

BEAM = 5
MOST_TOKENS = 40
LEVEL = 0.05
_PROMPT = ("<|startoftranscript|>", "<|notimestamps|>")
_END = "<|endoftext|>"
FIGURES = frozenset("0123456789")


class Whisper:
    """Free to write anything; the digits of what it writes count."""

    name = "whisper"
    digits_only = False
    window_s = 30

    def prepare(self) -> None:
        """Load the model. Raises ModelError."""
        _engine()

    def hear(self, audio: Audio, question: Question) -> Heard | None:
        """A digit string."""
        if not question.digits:
            return None
        without = _all_but_digits() if self.digits_only else [-1]
        (found,) = _engine().generate(
            _features(audio, self.window_s),
            [[_token(name) for name in _PROMPT]],
            beam_size=BEAM,
            max_length=len(_PROMPT) + MOST_TOKENS,
            suppress_tokens=without,
        )
        text = _folder().tokenizer.decode_batch(found.sequences_ids)[0]
        numerals = [word for word in words_of(text) if is_numeral(word)]
        return Heard(figures(numerals), audio.duration_ms)


class WhisperOfDigits(Whisper):
    """Nothing but digits."""

    name = "whisper-digits"
    digits_only = True
    window_s = 0


def _features(audio: Audio, least_s: int) -> Any:
    samples = resample(audio.samples, audio.rate, RATE_HZ).astype(np.float32) / np.float32(32_768)
    level = float(np.sqrt(np.mean(np.square(samples))))
    samples = np.clip(samples * np.float32(LEVEL / level if level > 0 else 1.0), -1.0, 1.0)
    samples = np.pad(samples, (0, max(0, least_s * RATE_HZ - len(samples))))
    features = log_mel(samples, _engine().n_mels)
    values = importlib.import_module("ctranslate2").StorageView
    return values.from_array(np.ascontiguousarray(features[None]))


@cache
def _folder() -> WhisperFolder:
    folder = installed_folder()
    if folder is None:
        raise ModelError("Whisper is not installed: make .venv/.ready-bench")
    return open_folder(folder)


@cache
def _engine() -> Any:
    engine: Any = importlib.import_module("ctranslate2")
    folder = installed_folder()
    return engine.models.Whisper(str(folder), device="cpu", compute_type="int8", intra_threads=1)


def _token(name: str) -> int:
    return int(_folder().tokenizer.token_to_id(name))


@cache
def _all_but_digits() -> list[int]:
    vocabulary: dict[str, int] = _folder().tokenizer.get_vocab()
    digits = {token for text, token in vocabulary.items() if text.removeprefix("Ġ") in FIGURES}
    every = range(_folder().tokenizer.get_vocab_size())
    return sorted({*every} - digits - {_token(_END)})
