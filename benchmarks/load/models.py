"""What the models cost: CPU time for a second of audio, each engine alone and in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.audio.files import read_audio, to_pcm
from bot.settings import PROJECT, load_settings

AUDIO = PROJECT / "audio_fixtures" / "8k" / "license_a_hesitant.flac"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ROUNDS = 20


def rows() -> list[tuple[str, str]]:
    """The table's rows."""
    return [
        (f"{name}, CPU for a second of audio", _spread(times))
        for name, times in cpu_ms_a_second(engines(), ROUNDS).items()
    ]


def engines() -> dict[str, Callable[[bytes, int], object]]:
    """Every engine that hears a call, by its name."""
    detector, first = SileroDetector(), VoskRecognizer(load_settings().model)
    found: dict[str, Callable[[bytes, int], object]] = {
        "speech detector": lambda pcm, rate: detector.start(rate).accept(pcm),
        "first model": lambda pcm, rate: _recognize(first, pcm, rate),
    }
    if (second := first.second) is not None:
        found["second model"] = lambda pcm, rate: _recognize(second, pcm, rate)
    if (spotter := first.spotter) is not None:
        found["word spotter"] = spotter.spot
    return found


def cpu_ms_a_second(
    hear: Mapping[str, Callable[[bytes, int], object]], rounds: int
) -> dict[str, list[float]]:
    """One figure a round for each, one after the other so that a busy machine slows all alike."""
    audio = read_audio(AUDIO)
    pcm = to_pcm(audio.samples)
    spent: dict[str, list[float]] = {name: [] for name in hear}
    for _ in range(rounds):
        for name, engine in hear.items():
            began_s = time.process_time()
            engine(pcm, audio.rate)
            took_s = time.process_time() - began_s
            spent[name].append(1_000_000 * took_s / audio.duration_ms)
    return spent


def _recognize(recognizer: VoskRecognizer, pcm: bytes, rate: int) -> None:
    utterance = recognizer.start(DIGITS, rate, 10)
    utterance.accept(pcm)
    utterance.final()


def _spread(times: list[float]) -> str:
    return f"{statistics.median(times):.1f} ms ({min(times):.1f}–{max(times):.1f})"
