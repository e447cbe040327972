"""A process with one speech engine: JSON lines in, JSON lines and samples out.

Engines crash, hang, and leak files in threads; a separate process can be killed. Trimming,
resampling, and leveling happen here too, to keep the process with the sockets free.

    stdin   {"text", "rate", "rate_percent"}
    stdout  {"ready": true}, then for each request {"bytes": n} and n bytes of 16-bit mono PCM
            at the requested rate, or {"error": "…"}
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from typing import IO, Any, Protocol

import numpy as np

from bot.audio.files import Samples, resample, to_pcm
from bot.audio.loudness import leveled, trim
from bot.errors import SynthesisError

LONGEST_TEXT = 400
"""Maximum characters at a time, since engines take quadratic time for long text."""

_LONGEST_START_S = 60.0
"""Well above the pool's START_TIMEOUT_S, after which nobody waits for the engine."""

_UNSPEAKABLE = re.compile(r"[^\w\s.,;:?!'-]")


class Engine(Protocol):
    """A speech engine, used in its own process."""

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        """Samples and their rate in Hz."""
        ...


def clean(text: str) -> str:
    """Remove what an engine could interpret as markup (``<genfile>``, ``[[h@l]]``)."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split())


def split_text(text: str, longest: int = LONGEST_TEXT) -> Iterator[str]:
    """Split a text at the end of a sentence, or else at a comma, between words, or anywhere."""
    while len(text) > longest:
        window = text[:longest]
        cut = next(
            (at + 1 for at in (_last(window, marks) for marks in (".?!", ",;:", " ")) if at > 0),
            longest,
        )
        yield text[:cut].strip()
        text = text[cut:].strip()
    if text:
        yield text


def _last(text: str, marks: str) -> int:
    return max(text.rfind(mark) for mark in marks)


def speech(engine: Engine, text: str, rate: int, rate_percent: int) -> bytes:
    """One sentence ready for the line. Raises SynthesisError if the engine returned no audio."""
    parts = []
    for piece in split_text(clean(text)):
        samples, engine_rate = engine.render(piece, rate_percent)
        spoken = trim(samples, engine_rate)
        if len(spoken) == 0:
            raise SynthesisError("it returned no audio")
        parts.append(resample(spoken, engine_rate, rate))
    return to_pcm(leveled(np.concatenate(parts))) if parts else b""


def serve(engine: Engine, requests: IO[bytes], answers: IO[bytes], watchdog_s: float) -> None:
    """Serve requests until stdin ends; the kernel ends a process that hangs too long."""
    for line in requests:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, watchdog_s)
        try:
            pcm = speech(engine, request["text"], request["rate"], request["rate_percent"])
            _answer(answers, {"bytes": len(pcm)}, pcm)
        except SynthesisError as fault:
            _answer(answers, {"error": str(fault)})
        except Exception as error:  # its message may quote private text
            _answer(answers, {"error": type(error).__name__})
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(answers: IO[bytes], header: dict[str, Any], pcm: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + pcm)
    answers.flush()


def main() -> None:
    """Create the engine given by the first argument (``module:callable``) and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_START_S)
    factory, options, watchdog_s = sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3])
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # engines print to stdout
    module, name = factory.split(":")
    try:
        engine = getattr(importlib.import_module(module), name)(**options)
    except Exception as error:
        ours = isinstance(error, SynthesisError)
        _answer(answers, {"error": str(error) if ours else f"{type(error).__name__}: {error}"})
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    _answer(answers, {"ready": True})
    serve(engine, sys.stdin.buffer, answers, watchdog_s)


if __name__ == "__main__":
    main()
