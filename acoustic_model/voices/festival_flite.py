"""Two synthesizers that are system programs: flite and festival."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import soundfile

from acoustic_model.errors import VoiceError
from acoustic_model.voices.accents import respell
from acoustic_model.voices.engine import Setting, Speech
from acoustic_model.voices.scripts import Line

_TIMEOUT_S = 120
_HERTZ = {"slt": 175, "rms": 100, "awb": 120, "kal16": 105, "kal": 105}
_ENCODINGS = {"cs": "iso-8859-2", "it": "iso-8859-1", "ca": "iso-8859-1", "fi": "iso-8859-1"}


class Flite:
    """flite: a few English voices, one process per line."""

    def __init__(self) -> None:
        self._program = _installed("flite")

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each line at the session's mean pitch and speed."""
        voice = setting.voice.name
        with tempfile.TemporaryDirectory() as folder:
            wave = Path(folder) / "line.wav"
            for number, line in enumerate(lines):
                speed, rng = setting.varied(number, 0.1)
                mean_hz = _HERTZ[voice] * setting.pitch * rng.uniform(0.96, 1.04)
                wave.unlink(missing_ok=True)
                _run(
                    *(self._program, "-voice", voice, "-t", line.text, "-o", str(wave)),
                    *("--setf", f"duration_stretch={1 / speed:.3f}"),
                    *("--setf", f"int_f0_target_mean={mean_hz:.0f}"),
                )
                yield _read(wave)


class Festival:
    """festival: English and other voices, one process for all lines of a session."""

    def __init__(self) -> None:
        self._program = _installed("festival")

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each line; the accent's language determines spelling and encoding."""
        accent = setting.voice.accent
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "session.scm"
            commands = [f"(voice_{setting.voice.name})"]
            for number, line in enumerate(lines):
                speed, _ = setting.varied(number, 0.1)
                text = respell(line.spoken, accent) if accent and line.spoken else line.text
                if accent == "hi":
                    text = _without_nukta(text)
                stretch = setting.pitch / speed
                commands.append(f"(Parameter.set 'Duration_Stretch {stretch:.3f})")
                save = (
                    f'(utt.save.wave (utt.synth (Utterance Text "{text}")) '
                    f'"{folder}/{number}.wav" \'riff)'
                )
                commands.append(f"(unwind-protect {save} nil)")  # a fault costs one line only
            script.write_bytes(
                "\n".join(commands).encode(_ENCODINGS.get(accent, "utf-8"), "ignore")
            )
            _run(self._program, "-b", str(script))
            for number in range(len(lines)):
                speech = _read(Path(folder) / f"{number}.wav")
                yield speech and Speech(speech.samples, round(speech.rate_hz * setting.pitch))


def _installed(program: str) -> str:
    path = shutil.which(program)
    if not path:
        raise VoiceError(f"{program} is not installed")
    return path


def _run(*command: str) -> None:
    try:
        subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise VoiceError(f"{Path(command[0]).name}: no speech in {_TIMEOUT_S} s") from error


def _without_nukta(text: str) -> str:
    """Removes the Devanagari dot that festival's voices do not know: "zero" becomes "jero"."""
    return unicodedata.normalize("NFD", text).replace("\u093c", "")


def _read(wave: Path) -> Speech | None:
    try:
        samples, rate_hz = soundfile.read(wave, dtype="float32")
    except soundfile.LibsndfileError:
        return None
    return Speech(samples, int(rate_hz)) if np.size(samples) else None
