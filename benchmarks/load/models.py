"""Cost of the models: CPU time per second of audio, one engine at a time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble
from bot.audio.files import read_audio, to_pcm
from bot.interfaces import Recognizer
from bot.resources import PROJECT
from bot.settings import load_settings
from bot.types import AudioFrame

AUDIO = PROJECT / "audio_fixtures" / "8k" / "license_a_hesitant.flac"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ROUNDS = 20


def rows() -> list[tuple[str, str]]:
    """The table's rows."""
    return [
        (f"{name}, CPU for a second of audio", _spread(times))
        for name, times in cpu_ms_a_second(engines(), ROUNDS).items()
    ]


def engines() -> dict[str, Callable[[AudioFrame], object]]:
    """All engines that process a call's audio, by name."""
    detector, ensemble = SileroDetector(), load_ensemble(load_settings().model)
    found: dict[str, Callable[[AudioFrame], object]] = {
        "speech detector": lambda frame: detector.start(frame.rate).accept(frame),
        "first model": partial(_recognize, ensemble.first.recognizer),
    }
    if ensemble.second is not None:
        found["second model"] = partial(_recognize, ensemble.second.recognizer)
    if ensemble.spotter is not None:
        found["word spotter"] = ensemble.spotter.spot
    return found


def cpu_ms_a_second(
    hear: Mapping[str, Callable[[AudioFrame], object]], rounds: int
) -> dict[str, list[float]]:
    """CPU times per round and engine; they take turns, so that a busy machine slows all equally."""
    audio = read_audio(AUDIO)
    frame = AudioFrame(to_pcm(audio.samples), audio.rate, 0)
    spent: dict[str, list[float]] = {name: [] for name in hear}
    for _ in range(rounds):
        for name, engine in hear.items():
            began_s = time.process_time()
            engine(frame)
            took_s = time.process_time() - began_s
            spent[name].append(1_000_000 * took_s / audio.duration_ms)
    return spent


def _recognize(recognizer: Recognizer, frame: AudioFrame) -> None:
    utterance = recognizer.start(DIGITS, frame.rate, 10)
    utterance.accept(frame)
    utterance.final()


def _spread(times: list[float]) -> str:
    return f"{statistics.median(times):.1f} ms ({min(times):.1f}–{max(times):.1f})"
