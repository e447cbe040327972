"""Makes synthetic speech for training in sessions; a voice with one setting is one speaker.

The result depends only on the seed (except for piper's noise). Finished sessions are kept beside
the corpus until it is complete, so that a killed run resumes where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from rich.progress import Progress

from acoustic_model.data.corpus import UNKNOWN, CorpusWriter
from acoustic_model.data.manifests import to_vocabulary
from acoustic_model.errors import CorpusError, VoiceError
from acoustic_model.voices.engine import Engine, Setting, Voice
from acoustic_model.voices.nonspeech import sounds
from acoustic_model.voices.registry import load
from acoustic_model.voices.sessions import Session, lines_of, make_session
from acoustic_model.voices.table import VOICES


def plan(count: int, seed: int, voices: tuple[Voice, ...] = VOICES) -> list[Session]:
    """`count` sessions distributed over `voices` by their shares; determined by the seed."""
    shares = np.array([voice.share for voice in voices])
    due = np.zeros(len(voices))
    sessions = []
    for number in range(count):
        due += shares / shares.sum()
        chosen = int(due.argmax())
        due[chosen] -= 1
        rng = np.random.default_rng([seed, number])
        voice = voices[chosen]
        speed, pitch = float(rng.uniform(0.75, 1.25)), float(rng.uniform(*voice.pitch))
        setting = Setting(voice, speed, pitch, int(rng.integers(2**31)))
        sessions.append(Session(number, setting, seed))
    return sessions


def available(voices: tuple[Voice, ...], say: Callable[[str], None]) -> tuple[Voice, ...]:
    """The voices whose engines are installed; `say` gets a line for each missing engine."""
    absent = set()
    for engine in dict.fromkeys(voice.engine for voice in voices):
        try:
            load(engine)
        except VoiceError as error:
            say(f"{error}; skipping its voices")
            absent.add(engine)
    kept = tuple(voice for voice in voices if voice.engine not in absent)
    if not kept:
        raise VoiceError("no speech synthesizer is installed")
    return kept


def prepare_voices(
    sessions: list[Session],
    vocabulary: frozenset[str],
    folder: Path,
    progress: Progress,
    workers: int = 1,
) -> None:
    """Makes the corpus of `sessions` in `folder`; resumes an earlier run.

    Adds one nonspeech sound for every two sessions.
    """
    if not sessions:
        raise VoiceError("no sessions of synthetic speech were requested")
    done = _kept_sessions(folder, sessions)
    done.mkdir(parents=True, exist_ok=True)
    todo = [session for session in sessions if not (done / f"{session.number}.npz").is_file()]
    task = progress.add_task("voices", total=len(sessions), completed=len(sessions) - len(todo))
    for session, fault in _made(todo, done, workers):
        progress.advance(task)
        if fault:
            progress.console.print(f"skipping {session.speaker}: {fault}")
    with CorpusWriter(folder) as writer:
        for session in sessions:
            _add(session, done / f"{session.number}.npz", vocabulary, writer)
        for name, sound in sounds(len(sessions) // 2, sessions[0].seed):
            writer.add(sound, (), f"made-{name}", "made-nonspeech", "CC0 1.0", "nonspeech")
    shutil.rmtree(done.parent)


def _made(todo: list[Session], done: Path, workers: int) -> Iterator[tuple[Session, str]]:
    """Makes sessions in worker processes; yields each with its error, or an empty string.

    If a synthesizer ends its process, the work of others is lost too. Each of these sessions is
    then retried once in its own process; if that ends as well, the session is skipped.
    """
    context = multiprocessing.get_context("spawn")
    alone: list[Session] = []
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        futures: dict[Future[str], Session] = {
            pool.submit(_make_and_keep, session, done): session for session in todo
        }
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                alone.append(futures[future])
    for session in alone:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            try:
                yield session, pool.submit(_make_and_keep, session, done).result()
            except BrokenProcessPool:
                yield session, "the synthesizer ended its process"


def _make_and_keep(session: Session, done: Path) -> str:
    try:
        made = make_session(session, _engine(session.setting.voice.engine))
    except VoiceError as error:
        return str(error)
    if not made:
        return "it produced no speech"
    labels = [{**asdict(line), "samples": len(audio)} for line, audio in made]
    partial = done / f".{session.number}.partial.npz"
    audio = np.concatenate([each for _, each in made])
    try:
        np.savez(partial, labels=json.dumps(labels), audio=audio)
        partial.rename(done / f"{session.number}.npz")
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CorpusError(f"cannot write {partial}: {error.strerror}") from error
    return ""


@cache
def _engine(name: str) -> Engine:
    return load(name)


def _kept_sessions(folder: Path, sessions: list[Session]) -> Path:
    """Folder for the finished sessions of exactly this plan with exactly these lines."""
    key = hashlib.sha256()
    for session in sessions:
        lines = [asdict(line) for line in lines_of(session)]
        key.update(json.dumps([asdict(session), lines]).encode())
    return folder.with_name(f".{folder.name}.sessions") / key.hexdigest()[:16]


def _add(session: Session, kept: Path, vocabulary: frozenset[str], writer: CorpusWriter) -> None:
    if not kept.is_file():
        return
    try:
        with np.load(kept) as arrays:
            labels, audio = json.loads(str(arrays["labels"])), arrays["audio"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise CorpusError(f"{kept} is corrupt; delete it and prepare again") from error
    for label in labels:
        spoken = tuple(label["spoken"])
        line, audio = audio[: label["samples"]], audio[label["samples"] :]
        writer.add(
            line,
            to_vocabulary(spoken, vocabulary) or (UNKNOWN,),
            session.speaker,
            session.source,
            session.setting.voice.licence,
            "synthetic",
            spoken,
        )
