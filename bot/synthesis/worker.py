"""A process that owns one speech engine: JSON lines in, JSON lines and samples out.

Engines crash, hang and lose files in threads; a process of their own can be killed. Trimming,
resampling and leveling happen here too, so that the process with the sockets stays free.

    stdin   {"text", "rate", "rate_percent"}
    stdout  {"ready": true}, then for each request {"bytes": n} and n bytes of 16-bit mono PCM
            at the asked rate, or {"error": "…"}
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
"""Characters at a time: engines take quadratic time for long text."""

_LONGEST_START_S = 60.0
"""Whoever waits for the engine has given up long before: START_TIMEOUT_S of the pool."""

_UNSPEAKABLE = re.compile(r"[^\w\s.,;:?!'-]")


class Engine(Protocol):
    """One engine in its own process."""

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        """Samples and their rate in Hz."""
        ...


def clean(text: str) -> str:
    """Text without what an engine could take for markup (``<genfile>``, ``[[h@l]]``)."""
    return " ".join(_UNSPEAKABLE.sub(" ", text).split())


def split_text(text: str, longest: int = LONGEST_TEXT) -> Iterator[str]:
    """Cut at the end of a sentence, else at a comma, else between words, else anywhere."""
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
    """One sentence as it goes on the line. Raises SynthesisError where the engine fell silent."""
    parts = []
    for piece in split_text(clean(text)):
        samples, engine_rate = engine.render(piece, rate_percent)
        spoken = trim(samples, engine_rate)
        if len(spoken) == 0:
            raise SynthesisError("it returned no audio")
        parts.append(resample(spoken, engine_rate, rate))
    return to_pcm(leveled(np.concatenate(parts))) if parts else b""


def serve(engine: Engine, requests: IO[bytes], answers: IO[bytes], watchdog_s: float) -> None:
    """Answer requests until stdin ends; the kernel ends a process that hangs for too long."""
    for line in requests:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, watchdog_s)
        try:
            pcm = speech(engine, request["text"], request["rate"], request["rate_percent"])
            _answer(answers, {"bytes": len(pcm)}, pcm)
        except SynthesisError as fault:
            _answer(answers, {"error": str(fault)})
        except Exception as error:  # its message may quote what a caller is told
            _answer(answers, {"error": type(error).__name__})
        signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(answers: IO[bytes], header: dict[str, Any], pcm: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + pcm)
    answers.flush()


def main() -> None:
    """Build the engine that the first argument names (``module:callable``) and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_REAL, _LONGEST_START_S)
    factory, options, watchdog_s = sys.argv[1], json.loads(sys.argv[2]), float(sys.argv[3])
    answers = os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # engines print
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
