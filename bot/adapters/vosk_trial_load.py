"""Tries a model in a separate process, since damaged files make libvosk abort or crash.

Measured on 0.3.45: a truncated ``HCLr.fst`` is a segmentation fault, a wrong ``disambig_tid.int``
or ``splice.conf`` an abort.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from bot import lifeline
from bot.adapters.vosk_library import vosk
from bot.errors import ModelError

LONGEST_S = 120
"""Even a server-size model loads in less time."""

_WORDS = ("one", "yes", "the", "[unk]")
"""Words for a phrase list, if the model knows them; otherwise its own grammar is used."""


def rehearse(folder: Path, rate: int) -> None:
    """Load a model and decode half a second. Raises ModelError with libvosk's last words."""
    command = lifeline.command(__name__, str(folder), str(rate))
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        try:
            status = _status(command, said)
        except subprocess.TimeoutExpired:
            raise ModelError(f"{folder}: libvosk hangs with this model; unpack it again") from None
        if status == 0:
            return
        said.seek(0)
        lines = [line for line in said if line.startswith(("ERROR", "ASSERTION"))]
    reason = lines[-1].strip() if lines else f"exit status {status}"
    raise ModelError(f"{folder}: libvosk cannot use this model ({reason}); unpack it again")


def _status(command: list[str], said: IO[str]) -> int:
    """How the process ends; one that hangs is killed. Its input stays open while we live."""
    with subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
    ) as process:
        try:
            return process.wait(LONGEST_S)
        except BaseException:
            process.kill()
            raise


def _try(folder: str, rate: float) -> None:
    vosk.SetLogLevel(-1)
    model = vosk.Model(folder)
    known = [word for word in _WORDS if model.vosk_model_find_word(word) >= 0]
    phrases = (json.dumps(known),) if known else ()
    engine = vosk.KaldiRecognizer(model, rate, *phrases)
    engine.AcceptWaveform(bytes(int(rate)))
    engine.FinalResult()


if __name__ == "__main__":
    _try(sys.argv[1], float(sys.argv[2]))
