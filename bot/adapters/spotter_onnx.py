"""A trained spotter (``spotter.onnx`` beside a model) behind bot.interfaces.Spotter.

The file is described in acoustic_model/spotting/export.py. A second of audio takes 3 to 5 ms of one
core: it is heard once the caller is silent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from bot.adapters.comfort_noise import Hiss
from bot.adapters.engine_audio import check_audio
from bot.audio.files import to_samples
from bot.audio.resampler import Resampler
from bot.errors import ModelError
from bot.types import AudioFrame

ENGINE_RATE_HZ = 8_000
FEWEST_SAMPLES = 200
"""One frame."""

_SEVERITY = 3
"""Severity below which ONNX Runtime says nothing: what is wrong is raised, too."""


class OnnxSpotter:
    """Loaded weights, shared by all calls (thread-safe)."""

    def __init__(self, path: Path) -> None:
        """Load the file. Raises ModelError."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _SEVERITY
        try:
            data = path.read_bytes()
            self._model = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
            named = self._model.get_modelmeta().custom_metadata_map["words"]
            self.words: tuple[str, ...] = tuple(named.split())
            scores = self._scores(np.zeros(FEWEST_SAMPLES, np.float32))
        except Exception as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{path} is not a spotter of this project: {reason}") from None
        if scores.shape != (len(self.words),):
            raise ModelError(f"{path} names {len(self.words)} words but scores {scores.size}")

    def spot(self, utterance: AudioFrame) -> dict[str, float]:
        """Log-odds that each word is somewhere in the audio; none for under a frame."""
        check_audio(utterance, utterance.rate)
        samples = to_samples(utterance.pcm)
        if utterance.rate != ENGINE_RATE_HZ:
            resampler = Resampler(utterance.rate, ENGINE_RATE_HZ)
            samples = np.concatenate([resampler.accept(samples), resampler.finish()])
        if len(samples) < FEWEST_SAMPLES:
            return {}
        scores = self._scores(Hiss().under(samples).astype(np.float32))
        return dict(zip(self.words, map(float, scores), strict=True))

    def _scores(
        self, samples: np.ndarray[tuple[int], np.dtype[np.float32]]
    ) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        (scores,) = self._model.run(["log_odds"], {"samples": samples})
        return np.asarray(scores, np.float32)
