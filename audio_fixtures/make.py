"""Makes all recordings in this folder and their manifest: ``python -m audio_fixtures.make``.

The same input gives the same files, except for Pico's voices, which differ between runs by less
than −60 dBFS. Needs ``pip install py-nanotts hibari-tts`` in addition to the development
requirements; the tests only read the committed files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import yaml

from audio_fixtures import broken, signals
from audio_fixtures.callers import CALLERS, Caller
from audio_fixtures.tones import TONES, WIDE_TONES
from audio_fixtures.voices import LICENSES, RATE, Voice, speak
from bot.audio.files import Samples

HERE = Path(__file__).resolve().parent
LINE_NOISE_DB = -78.0
LEAD_MS = 300


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the manifest."""

    file: str
    text: str
    voice: str
    engine: str
    licence: str
    rate: int


def main() -> None:
    """Write all files, then the manifest."""
    for folder in ("8k", "16k", "broken"):
        (HERE / folder).mkdir(exist_ok=True)
        for old in (HERE / folder).iterdir():
            old.unlink()
    rows = [row for caller in CALLERS for row in _spoken(caller)]
    for name, (text, signal) in TONES.items():
        rows += _write(name, text, signal, Voice("signal", "computed"), name in WIDE_TONES)
    rows += [
        Row(f"broken/{name}", text, "computed", "signal", LICENSES["signal"], rate)
        for name, text, rate in broken.write(HERE / "broken", HERE / "16k" / "yes.flac")
    ]
    lines = [{slot: getattr(row, slot) for slot in Row.__slots__} for row in rows]
    text = yaml.safe_dump(lines, sort_keys=False, allow_unicode=True, width=100)
    (HERE / "manifest.yaml").write_text(_HEAD + text, encoding="utf-8")
    total = sum(file.stat().st_size for file in HERE.glob("*/*.*"))
    print(f"{len(rows)} files, {total / 1e6:.2f} MB")


_HEAD = """\
# Recordings made by audio_fixtures/make.py: synthetic callers, keys, noise, and broken files.
# Secret entries are named by their role. 8k/ passed through a µ-law trunk, 16k/ did not.
"""


def _spoken(caller: Caller) -> list[Row]:
    """The caller's groups with exact pauses, at the caller's level, over line noise."""
    pause = signals.silence(caller.pause_ms, RATE)
    parts = [signals.silence(LEAD_MS, RATE)]
    for index, group in enumerate(caller.groups):
        parts += [pause] * (index > 0) + [_level(speak(caller.voice, group), caller.level_db)]
    if caller.keys:
        parts += [pause, signals.dial(caller.keys)]
    signal = np.concatenate([*parts, signals.silence(LEAD_MS, RATE)])
    text = caller.role or " | ".join(caller.groups)
    return _write(caller.name, text, signal, caller.voice, caller.wide)


def _level(samples: Samples, level_db: float) -> signals.Signal:
    return signals.at_level(samples / 32_768, level_db)


def _write(
    name: str, text: str, signal: signals.Signal, voice: Voice, also_wide: bool
) -> list[Row]:
    """Write the recording through the telephone and, if ``also_wide``, unchanged."""
    noise = signals.white_noise(1000 * len(signal) / RATE, RATE, LINE_NOISE_DB, seed=len(name))
    wide = signals.to_int16(signal + noise[: len(signal)])
    kept = [("8k", signals.through_telephone(wide, RATE), 8_000)]
    kept += [("16k", wide, RATE)] * also_wide
    rows = []
    for folder, samples, rate in kept:
        file = f"{folder}/{name}.flac"
        soundfile.write(HERE / file, samples, rate, subtype="PCM_16")
        licence = LICENSES[voice.engine]
        rows.append(Row(file, text, voice.name, voice.engine, licence, rate))
    return rows


if __name__ == "__main__":
    main()
