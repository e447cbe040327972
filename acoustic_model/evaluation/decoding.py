"""Recognition with the engine itself (libvosk), for scoring models and fitting their costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import vosk
from numpy.typing import NDArray

from acoustic_model.errors import ModelFileError
from acoustic_model.lexicon.lexicon import DIGITS
from acoustic_model.training.features import RATE_HZ

_BEFORE_S, _AFTER_S = 0.30, 0.45
_LINE_NOISE = 3.0

DIGIT_LIST = DIGITS
"""Every digit as a phrase: a string of any length."""
MENU = (
    *("yes", "no", "stop", "repeat", "help", "start over", "go back", "main menu", "slower"),
    *("faster", "representative", "operator", "agent", "goodbye", "account activity", "status"),
    *("renewal information", "application status", "keypad", "cancel", "correct", "wrong"),
    *("yeah", "yes please", "again", "one", "two", "three", "four"),
)
"""A menu, with the commands that may be said anywhere."""

vosk.SetLogLevel(-2)


class Decoder:
    """A model directory loaded into the engine."""

    def __init__(self, folder: Path) -> None:
        """Raises :class:`ModelFileError` if a file that the engine needs is missing.

        Without some of them the engine ends the process, so this is checked first.
        """
        _check_files(folder)
        self.folder = folder
        self._model = vosk.Model(str(folder))

    def text(self, audio: NDArray[np.int16], phrases: Sequence[str]) -> str:
        """Words recognized in 8 kHz `audio`: any sequence of `phrases`."""
        grammar = json.dumps(list(phrases), ensure_ascii=False)
        recognizer = vosk.KaldiRecognizer(self._model, RATE_HZ, grammar)
        recognizer.AcceptWaveform(on_line(audio).tobytes())
        heard: str = json.loads(recognizer.FinalResult())["text"]
        return heard


def rehearse(folder: Path) -> None:
    """Raises :class:`ModelFileError` if a damaged file makes the engine end its process.

    The engine aborts or crashes without an exception, so another process tries it first.
    """
    _check_files(folder)
    command = (sys.executable, "-m", __name__, str(folder))
    done = subprocess.run(  # noqa: S603  our own module
        command, check=False, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith(("ERROR", "ASSERT"))]
        reason = said[-1].strip() if said else f"exit status {done.returncode}"
        raise ModelFileError(f"{folder}: the engine cannot use this model ({reason})")


def _check_files(folder: Path) -> None:
    for name in ("am/final.mdl", "conf/model.conf", "graph/HCLr.fst", "graph/Gr.fst"):
        if not (folder / name).is_file():
            raise ModelFileError(f"{folder} lacks {name}; export the model again")


def on_line(audio: NDArray[np.int16]) -> NDArray[np.int16]:
    """`audio` with a quiet line before and after it, as in a call."""
    rng = np.random.default_rng(0)
    before, after = (
        np.round(rng.normal(0, _LINE_NOISE, int(seconds * RATE_HZ))).astype(np.int16)
        for seconds in (_BEFORE_S, _AFTER_S)
    )
    return np.concatenate([before, audio, after])


if __name__ == "__main__":
    vosk.SetLogLevel(-1)  # this level still prints the reason for an abort
    Decoder(Path(sys.argv[1])).text(np.zeros(RATE_HZ // 2, np.int16), DIGIT_LIST)
