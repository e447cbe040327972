"""Silero's speech detector as a bot.interfaces.SpeechDetector.

It runs at 16 kHz, since its 8 kHz mode fires before speech in 60 % of strings in 20 dB babble. It
ignores the level: a quiet talker in the background counts as speech. All streams share one set of
weights, which stays in the processor's cache; each has 1 KB of state (decision 44). The graph takes
any number of windows of a stream at once (acoustic_model/detection/export.py): a second of them
costs 1.5 ms, one by one 2.8 (decision 54).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnxruntime

from bot.adapters.engine_audio import check_audio
from bot.audio.buffer import joined
from bot.audio.files import HIGHEST_RATE_HZ, LOWEST_RATE_HZ, Samples, to_samples
from bot.audio.resampler import FrameResampler
from bot.errors import RecognitionError
from bot.resources import DETECTOR
from bot.types import AudioFrame

ENGINE_RATE_HZ = 16_000
WINDOW = 512
"""Samples per window: 32 ms."""

CONTEXT = 64
"""Samples of context before the window; zeros at the start of a stream."""

LONGEST_DEFERRED_MS = 1_000
"""Longest audio that waits: this much is processed in 1.5 ms, and 2 s at once are hardly
cheaper.
"""

_STATE = (1, 1, 128)
_FULL_SCALE = np.float32(1 / 32_768)

Float32 = npt.NDArray[np.float32]


class SileroDetector:
    """Creates streams over one loaded model (thread-safe)."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._model = onnxruntime.InferenceSession(
            DETECTOR.read_bytes(), options, providers=["CPUExecutionProvider"]
        )

    def start(self, rate: int) -> SileroDetection:
        """Begin a stream at ``rate`` Hz."""
        if not LOWEST_RATE_HZ <= rate <= HIGHEST_RATE_HZ:
            raise RecognitionError(f"cannot detect speech at {rate} Hz; use 8000 to 48000")
        return SileroDetection(self._model, rate)


class SileroDetection:
    """One stream; its probability is 0 until the first 32 ms are complete. ``waiting_ms`` is the
    duration of audio deferred and not processed yet.
    """

    def __init__(self, model: onnxruntime.InferenceSession, rate: int) -> None:
        self._model = model
        self._rate = rate
        self._resampler = FrameResampler(rate, ENGINE_RATE_HZ)
        self._heard: Samples = np.zeros(CONTEXT, np.int16)
        self._deferred: list[AudioFrame] = []
        self.waiting_ms = 0
        self._state = (np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32))
        self._probability = 0.0

    def accept(self, frame: AudioFrame) -> float:
        """Process audio; return the highest probability of the windows that it completes.

        If it completes none, return the previous probability.
        """
        check_audio(frame, self._rate)
        before = self._deferred_windows()
        windows = self._windows(frame)
        found = self._judge(np.concatenate([before, windows]) if len(before) else windows)
        if len(windows):
            self._probability = float(found[len(before) :].max())
        elif len(before):
            self._probability = float(found[-1])
        return self._probability

    def defer(self, frame: AudioFrame) -> None:
        """Take audio whose probability is not needed now: it is processed later, much of it at
        once.
        """
        check_audio(frame, self._rate)
        self._deferred.append(frame)
        self.waiting_ms += frame.duration_ms
        if self.waiting_ms >= LONGEST_DEFERRED_MS:
            found = self._judge(self._deferred_windows())
            self._probability = float(found[-1])

    def _deferred_windows(self) -> Float32:
        deferred, self._deferred, self.waiting_ms = self._deferred, [], 0
        return self._windows(joined(deferred)) if deferred else np.zeros((0, 1, 0), np.float32)

    def _windows(self, frame: AudioFrame) -> Float32:
        """Return the windows that this audio completes, each with its context."""
        samples = to_samples(self._resampler.accept(frame).pcm)
        heard = np.concatenate([self._heard, samples])
        count = (len(heard) - CONTEXT) // WINDOW
        self._heard = heard[count * WINDOW :]
        step = heard.itemsize
        shape, strides = (count, 1, CONTEXT + WINDOW), (WINDOW * step, step, step)
        return np.ndarray(shape, np.int16, heard, strides=strides) * _FULL_SCALE

    def _judge(self, windows: Float32) -> Float32:
        """Return the probability of each window."""
        if not len(windows):
            return np.zeros(0, np.float32)
        hidden, cell = self._state
        found: Float32
        found, *state = self._model.run(None, {"windows": windows, "hidden": hidden, "cell": cell})
        self._state = (state[0], state[1])
        return found
