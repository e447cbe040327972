"""Recordings of ../shared/audio as a telephone line would carry them, with room around them."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from rich.console import Console
from rich.progress import track

from acoustic_model.evaluation.test_sets import Clip
from bot.audio.files import Audio
from bot.lifeline import end_with_pool
from bot.resources import PROJECT

SHARED = PROJECT.parent / "shared" / "audio"
RATE, SOURCE_RATE = 8_000, 16_000
LEAD_MS, TAIL_MS = 500, 3_000
QUIET_MS = 200
"""The quietest stretch of this length is taken for the speaker's room."""

END_DB, OVER_FLOOR_DB = 30.0, 6.0
DIP_DB = 25.0
"""A pause is put in only where the level falls so far below the loudest frame."""

Samples = npt.NDArray[np.float64]
Job = TypeVar("Job")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Take:
    """A recording on the line; ``end_ms`` is where its last word ends."""

    clip: Clip
    audio: Audio
    end_ms: int


def take(
    clip: Clip,
    condition: str,
    pause_ms: int = 0,
    *,
    lead_ms: int = LEAD_MS,
    tail_ms: int = TAIL_MS,
    again: bool = False,
) -> Take | None:
    """Render a recording under a condition of degrade.py, with a pause put into its deepest dip.

    ``again`` draws other noise and another level, as at another moment of the same line.
    None where a pause is asked for and the speaker leaves no dip.
    """
    samples, rate = soundfile.read(clip.path)
    if rate != SOURCE_RATE:
        samples = soxr.resample(samples, rate, SOURCE_RATE)
    end_ms = word_end_ms(samples, SOURCE_RATE)
    if pause_ms:
        dip = _dip(samples, end_ms)
        if dip is None:
            return None
        samples = np.concatenate([samples[:dip], _room(samples, pause_ms), samples[dip:]])
        end_ms += pause_ms
    whole = np.concatenate([_room(samples, lead_ms), samples, _room(samples, tail_ms)])
    drawn_by = f"again {clip.path.name}" if again else clip.path.name
    heard, rate, _ = _degrade().render(whole, condition, drawn_by, str(SHARED / "dev/noise"))
    if rate != RATE:
        heard = soxr.resample(heard, rate, RATE)
    return Take(clip, Audio(_to_int16(heard), RATE), lead_ms + end_ms)


def rendered(
    samples: npt.NDArray[np.float64], condition: str, drawn_by: str
) -> tuple[npt.NDArray[np.float64], int]:
    """Audio at SOURCE_RATE within −1 to 1 as a condition of degrade.py leaves it, and its rate."""
    heard, rate, _ = _degrade().render(samples, condition, drawn_by, str(SHARED / "dev/noise"))
    return heard, rate


def word_end_ms(samples: Samples, rate: int) -> int:
    """Return the end of the last word: the last two 10 ms frames within 30 dB of the loud ones.

    Against the forced alignments of train_an4 (44 digit strings): 10 ms early in the median, half
    of them between 30 ms early and 10 ms late.
    """
    levels = _levels(samples, rate)
    loud = float(np.percentile(levels, 98))
    threshold = max(loud - END_DB, float(np.percentile(levels, 10)) + OVER_FLOOR_DB)
    above = levels > threshold
    both = np.nonzero(above[1:] & above[:-1])[0]
    return 10 * (int(both[-1]) + 2) if len(both) else 10 * len(levels)


def longest_silence_ms(clip: Clip) -> int:
    """The longest stretch of a recording between frames within 30 dB of its loudest."""
    samples, rate = soundfile.read(clip.path)
    levels = _levels(samples, rate)
    loud = np.flatnonzero(levels > levels.max() - END_DB)
    return 10 * int(np.diff(loud).max(initial=0))


def in_parallel(work: Callable[[Job], Done], jobs: Sequence[Job], what: str) -> Iterator[Done]:
    """Do all jobs over the cores, in order, with a progress bar on stderr."""
    context = multiprocessing.get_context("spawn")
    console = Console(stderr=True)
    with ProcessPoolExecutor(os.cpu_count() or 1, context, end_with_pool) as pool:
        try:
            done = pool.map(work, jobs, chunksize=8)
            yield from track(done, what, len(jobs), console=console, transient=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _levels(samples: Samples, rate: int) -> npt.NDArray[np.float64]:
    size = rate // 100
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    levels: npt.NDArray[np.float64] = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10)
    return levels


def _dip(samples: Samples, end_ms: int) -> int | None:
    """The quietest place in the middle three fifths of the speech, as a sample."""
    levels = _levels(samples, SOURCE_RATE)
    smooth = np.convolve(levels, np.ones(5) / 5, "same")
    first, last = int(0.02 * end_ms), int(0.08 * end_ms)
    place = first + int(np.argmin(smooth[first:last]))
    return place * SOURCE_RATE // 100 if smooth[place] < levels.max() - DIP_DB else None


def _room(samples: Samples, ms: int) -> Samples:
    """The speaker's room: noise with the spectrum of the recording's quietest stretch."""
    size = SOURCE_RATE * QUIET_MS // 1000
    starts = range(0, max(1, len(samples) - size), size // 4)
    quiet = min((samples[at : at + size] for at in starts), key=lambda part: float(np.std(part)))
    count = SOURCE_RATE * ms // 1000
    taps = np.abs(np.fft.rfft(quiet * np.hanning(len(quiet))))
    wanted = np.interp(np.linspace(0, 1, count // 2 + 1), np.linspace(0, 1, len(taps)), taps)
    random = np.random.default_rng(len(samples) + ms)
    spectrum = wanted * np.exp(2j * np.pi * random.random(len(wanted)))
    noise = np.fft.irfft(spectrum, count)
    scaled: Samples = noise * (np.std(quiet) / max(1e-9, float(np.std(noise))))
    return scaled


def _to_int16(samples: Samples) -> npt.NDArray[np.int16]:
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype(np.int16)


@cache
def _degrade() -> ModuleType:
    path: Path = SHARED / "degrade.py"
    spec = importlib.util.spec_from_file_location("degrade", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
