"""The ways to recognize that are compared, each made once in a process."""

from __future__ import annotations

import importlib
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.recognition.answers import Answer
from benchmarks.recognition.heard import Listener, string_of
from benchmarks.recognition.judged import Judged
from benchmarks.recognition.recordings import take
from bot.audio.files import Audio, read_audio
from bot.lifeline import end_with_pool
from bot.resources import PROJECT

NAMES = ("ours", "vosk", "pocketsphinx")
TITLES = {
    "ours": "our chain",
    "vosk": "Vosk as documented",
    "pocketsphinx": "pocketsphinx, length known",
}


_MADE_BY = {
    "ours": ("benchmarks.recognition.listener_ours", "OurTurn"),
    "vosk": ("benchmarks.recognition.listener_vosk", "DocumentedVosk"),
    "pocketsphinx": ("benchmarks.recognition.listener_pocketsphinx", "Pocketsphinx"),
}


@cache
def listener(name: str) -> Listener:
    """One of them, loaded."""
    made = _made(name)
    made.prepare()
    return made


def _made(name: str) -> Listener:
    """Imported only when it is wanted: each process counts its own memory."""
    module, made_by = _MADE_BY[name]
    made: Listener = getattr(importlib.import_module(module), made_by)()
    return made


@dataclass(frozen=True, slots=True)
class Job:
    """One recording and those who have not heard it yet."""

    judged: Judged
    names: tuple[str, ...]


def listen(job: Job) -> list[tuple[str, Answer]]:
    """Render a recording once and let everybody hear it."""
    taken = take(job.judged.clip, job.judged.condition)
    assert taken is not None
    answers = [(name, _answer(name, job.judged, taken.audio)) for name in job.names]
    return [(name, answer) for name, answer in answers if answer is not None]


def _answer(name: str, judged: Judged, audio: Audio) -> Answer | None:
    who = listener(name)
    began_s = time.process_time()
    heard = who.hear(audio, judged.question)
    cpu_s = time.process_time() - began_s
    if heard is None:
        return None
    listened_s = min(heard.decided_ms, audio.duration_ms) / 1000
    return Answer(judged.recording, judged.question.name, heard, round(cpu_s, 5), listened_s)


def memory_mb(names: Sequence[str] = NAMES) -> dict[str, float]:
    """Return the memory that each adds, once it has heard something, to a process with everything
    imported.
    """
    context = multiprocessing.get_context("spawn")
    found = {}
    for name in names:
        with ProcessPoolExecutor(1, context, end_with_pool) as pool:
            found[name] = pool.submit(_grown_mb, name).result()
    return found


def _grown_mb(name: str) -> float:
    made = _made(name)
    audio = read_audio(PROJECT / "audio_fixtures" / "8k" / "license_a.flac")
    before = _resident_mb()
    made.prepare()
    made.hear(audio, string_of(6))
    return round(_resident_mb() - before, 1)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
