"""In-band DTMF: keys found and false keys, ours beside libspandsp's, through µ-law at 8 kHz.

Each row has 320 random keys, 50 ms on and 50 ms off, with one parameter varied, as in ITU-T Q.24.
“extra” are false keys. Talk-off is counted on the speech in ../shared/audio.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audio_fixtures import signals
from benchmarks.tones.spandsp import Spandsp
from bot.audio import mulaw
from bot.audio.files import Audio, Samples, frames, read_audio, resample
from bot.resources import PROJECT
from bot.tones.dtmf_detector import ToneDetector, find_tones
from bot.types import KEYS

RATE = 8_000
COUNT = 320
TALK = ("background", "oog_dev", "dev", "dev_sentences", "train_sentences", "train_an4")
REAL_TONES = "oog_dev_070.flac"
"""A clip of oog_dev/ with DTMF keys."""

Receiver = Callable[[Samples], str]


@dataclass(frozen=True, slots=True)
class Row:
    """The varied parameters; each press draws from their range (least, most)."""

    name: str
    on_ms: float = 50
    offset_percent: tuple[float, ...] = (0.0,)
    twist_db: tuple[float, float] = (0.0, 0.0)
    snr_db: float | None = None
    hole_ms: float = 0.0
    accept: bool = True


ROWS = (
    Row("clean"),
    Row("40 ms on", on_ms=40),
    Row("23 ms on (reject)", on_ms=23, accept=False),
    Row("±1.5 %", offset_percent=(-1.5, 1.5)),
    Row("±3.5 %, 70 ms on (reject)", on_ms=70, offset_percent=(-3.5, 3.5), accept=False),
    Row("twist +4 dB", twist_db=(4.0, 4.0)),
    Row("twist −8 dB", twist_db=(-8.0, -8.0)),
    Row("SNR 15 dB", snr_db=15.0),
    Row("SNR 12 dB", snr_db=12.0),
    Row("SNR 10 dB", snr_db=10.0),
    Row("SNR 8 dB", snr_db=8.0),
    Row("±1.5 %, twist −8…+4 dB, SNR 15 dB", 50, (-1.5, 1.5), (-8.0, 4.0), 15.0),
    Row("hole of 20 ms in 120 ms", on_ms=120, hole_ms=20),
)


def rows() -> list[tuple[str, str]]:
    """All figures: ours, and spandsp's."""
    oracle = _oracle()
    table = [(row.name, _figures(row, oracle)) for row in ROWS]
    return [*table, *_talk_off(oracle), ("CPU per second of audio, 20 ms frames", _cost())]


def _oracle() -> Receiver | None:
    try:
        return Spandsp().keys
    except OSError:
        return None


def ours(samples: Samples) -> str:
    """The keys that bot.tones.dtmf_detector finds in 8 kHz audio."""
    return "".join(tone.key for tone in find_tones(Audio(samples, RATE)))


def _figures(row: Row, oracle: Receiver | None) -> str:
    keys, samples = pressed(row)
    mine = _score(keys, ours(samples))
    return f"ours {mine}, spandsp {_score(keys, oracle(samples)) if oracle else 'not installed'}"


def pressed(row: Row) -> tuple[str, Samples]:
    """Random keys of a row, and their audio."""
    random = np.random.default_rng(5)
    keys = "".join(random.choice(list(KEYS), COUNT))
    parts = [signals.silence(100, RATE)]
    for key in keys:
        offset, twist = random.choice(row.offset_percent), random.uniform(*row.twist_db)
        press = signals.press(key, row.on_ms, RATE, -16.0, offset, twist)
        if row.hole_ms:
            press = signals.with_hole(press, (row.on_ms - row.hole_ms) / 2, row.hole_ms, RATE)
        parts += [press, signals.silence(max(50.0, 100.0 - row.on_ms), RATE)]
    signal = np.concatenate(parts)
    if row.snr_db is not None:
        level = -13.0 - row.snr_db
        signal = signal + signals.white_noise(1000 * len(signal) / RATE, RATE, level, seed=6)
    return keys, mulaw.decode(mulaw.encode(signals.to_int16(signal)))


def _score(pressed_keys: str, found: str) -> str:
    blocks = difflib.SequenceMatcher(None, pressed_keys, found, autojunk=False)
    hits = sum(block.size for block in blocks.get_matching_blocks())
    return f"{100 * hits / len(pressed_keys):.1f} % ({len(found) - hits} extra)"


def _talk_off(oracle: Receiver | None) -> Iterator[tuple[str, str]]:
    folder = PROJECT.parent / "shared" / "audio"
    if not folder.is_dir():
        yield "talk-off", "not measured: ../shared/audio does not exist"
        return
    samples = mine = theirs = 0
    for path in _speech(folder):
        audio = read_audio(path)
        narrow = resample(audio.samples, audio.rate, RATE)
        samples += len(narrow)
        mine += len(ours(narrow))
        theirs += len(oracle(narrow)) if oracle else 0
    beside = f"spandsp {theirs}" if oracle else "spandsp not installed"
    yield f"false keys in {samples / RATE / 60:.0f} min of speech", f"ours {mine}, {beside}"


def _speech(folder: Path) -> Iterator[Path]:
    for name in TALK:
        for path in sorted((folder / name).rglob("*.flac")):
            if path.name != REAL_TONES:
                yield path


def _cost() -> str:
    """CPU time for a repeated spoken license number, which costs more than silence; median of 9."""
    audio = read_audio(PROJECT / "audio_fixtures" / "8k" / "license_a.flac")
    cut = list(frames(audio, RATE)) * 10
    spent = []
    for _ in range(9):
        detector = ToneDetector()
        begun = time.process_time()
        for frame in cut:
            detector.accept(frame)
        spent.append((time.process_time() - begun) / (len(cut) * 0.020))
    return f"{1000 * np.median(spent):.1f} ms ({1000 * min(spent):.1f} to {1000 * max(spent):.1f})"
