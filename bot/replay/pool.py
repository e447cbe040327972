"""Replays many scripts: one process per core, each with its own backend and voice."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path
from threading import Event

from bot.adapters.synthesizer_engines import speech_engine
from bot.bootstrap import Words, call_service, words_of
from bot.calls import call_log
from bot.clock import at
from bot.demo_backend import DemoBackend
from bot.elms.call_page_wording import WORDING
from bot.errors import IvrError
from bot.interfaces import Backend
from bot.lifeline import end_with_pool
from bot.records import CallRecord
from bot.replay.runner import Replayed, ScriptedBackend, ScriptedTimer, replay_script
from bot.replay.script import SayText, Script
from bot.reports.call_files import write_call
from bot.service import CallService
from bot.settings import BackendClient, Settings
from bot.synthesis.cache import SpeechCache
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.temporary_folders import scratch_folder
from bot.types import Say

INTERRUPTED = "interrupted"

BACKEND_TIMEOUT_MS = 60_000
"""Time-out of a request: generous, since only scripts make the backend fail, not busy machines."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Result of one script. ``error`` is why its call could not be made.

    ``record`` is the call's record, or None if the call was not made.
    """

    script: Script
    failures: tuple[str, ...] = ()
    error: str | None = None
    outcome: str = ""
    call_ms: int = 0
    turns: int = 0
    seconds: float = 0.0
    record: CallRecord | None = field(default=None, repr=False)

    @property
    def passed(self) -> bool:
        """True if the call was made and met all expectations."""
        return self.error is None and not self.failures


def replay_all(
    scripts: Sequence[Script],
    settings: Settings,
    out: Path | None,
    jobs: int,
    database: Path | None = None,
) -> Iterator[ReplayResult]:
    """Yield results as calls end. ``out`` is the folder for audio, record, and page of each call.

    ``database`` is a SQLite file whose copy every backend uses, for callers other than the
    demonstration's.

    Ctrl-C ends running calls and starts no others. Raises IvrError if a grammar or a prompt is
    invalid.
    """
    words = words_of(settings)
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (words,)) as pool:
        setup = partial(_worker, settings, out, database)
        waiting = {pool.submit(_replay, script, setup): script for script in scripts}
        try:
            for done in as_completed(waiting):
                yield _collected(done, waiting[done])
        finally:
            pool.shutdown(
                cancel_futures=True
            )  # wait, since a pool still closing at exit raises errors


def _collected(done: Future[ReplayResult], script: Script) -> ReplayResult:
    try:
        return done.result()
    except BrokenProcessPool:
        return ReplayResult(script, error="the process running this call died")


# -- inside a worker process ------------------------------------------------------------------

_interrupted = Event()
_words: list[Words] = []
"""The prompts and grammars of all calls, compiled by the command; a worker without compiles its
own."""
_end_call: list[Callable[[], object]] = []
"""Functions that end the running call from outside its event loop."""


def _begin(words: Words) -> None:
    """Set up a worker process so that Ctrl-C, which reaches it too, leaves no backend behind.

    Where the command ignores Ctrl-C, so do its workers.
    """
    end_with_pool()
    _words[:] = [words]

    def stop(_number: int, _frame: object) -> None:
        _interrupted.set()
        for end in _end_call:
            end()

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # as a shell's background command
        signal.signal(signal.SIGINT, stop)


class _Worker:
    """Replays one script after another with one set of engines."""

    def __init__(self, settings: Settings, out: Path | None, database: Path | None) -> None:
        self._settings = settings
        self._out = out
        self._runner = asyncio.Runner()
        self._backends = ExitStack()
        copied = self._copied(database) if database is not None else None
        backend = self._backends.enter_context(DemoBackend(copied, lift_budgets=True))
        self._stack = AsyncExitStack()
        self._voices: dict[tuple[str | None, int | None], SentenceSynthesizer] = {}
        try:
            self._calls = self._runner.run(self._open(backend.start(settings.backend)))
        except BaseException:
            self.close()  # nothing else would close the backend
            raise

    def _copied(self, database: Path) -> Path:
        copied = self._backends.enter_context(scratch_folder("replay")) / "elms.sqlite3"
        shutil.copy(database, copied)
        return copied

    async def _open(self, client: BackendClient) -> CallService:
        timer = ScriptedTimer()

        def scripted(inner: Backend) -> ScriptedBackend:
            self._backend = ScriptedBackend(inner, timer, client.one_moment_ms)
            return self._backend

        patient = client.model_copy(update={"timeout_ms": BACKEND_TIMEOUT_MS})
        return await self._stack.enter_async_context(
            call_service(
                self._settings,
                words=next(iter(_words), None),
                backend=patient,
                backend_as=scripted,
                now=at(None),
                timer=timer,
            )
        )

    def replay(self, script: Script) -> ReplayResult:
        """Make one call. Raises IvrError for an error in its script or files."""
        self._backend.condition = script.backend
        done = self._runner.run(self._replay(script))
        if self._out is not None:
            write_call(done.ended, self._out, WORDING, _name(script))
        return _result(script, done)

    async def _replay(self, script: Script) -> Replayed:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101  a coroutine that runs is a task
        _end_call[:] = [partial(loop.call_soon_threadsafe, task.cancel)]
        try:
            return await replay_script(
                script, self._calls, self._speak, record=self._out is not None
            )
        finally:
            _end_call.clear()

    async def _speak(self, text: SayText, rate: int) -> bytes:
        """Synthesize a caller's text with espeak-ng's voices; kept for later scripts."""
        key = (text.voice, text.words_per_minute)
        if key not in self._voices:
            speech = self._settings.speech.model_copy(
                update={
                    "engine": "pyttsx3",
                    "voice": text.voice or self._settings.speech.voice,
                    "words_per_minute": text.words_per_minute
                    or self._settings.speech.words_per_minute,
                    "workers": 1,
                }
            )
            voice = SentenceSynthesizer(speech_engine(speech), speech, SpeechCache(None))
            self._voices[key] = await self._stack.enter_async_context(voice)
            await voice.start()
        (pcm,) = await self._voices[key].speak((Say(text.text, private=True),), rate)
        return pcm

    def close(self) -> None:
        """Close engines and backend."""
        self._runner.run(self._stack.aclose())
        self._runner.close()
        self._backends.close()


@cache
def _worker(settings: Settings, out: Path | None, database: Path | None) -> _Worker:
    """This process's worker, closed with the process."""
    call_log.configure_silent()
    worker = _Worker(settings, out, database)
    Finalize(None, worker.close, exitpriority=10)
    return worker


def _replay(script: Script, setup: Callable[[], _Worker]) -> ReplayResult:
    if _interrupted.is_set():
        return ReplayResult(script, error=INTERRUPTED)
    try:
        return setup().replay(script)
    except asyncio.CancelledError:
        return ReplayResult(script, error=INTERRUPTED)
    except IvrError as fault:
        return ReplayResult(script, error=str(fault))


def _result(script: Script, done: Replayed) -> ReplayResult:
    record = done.ended.record
    return ReplayResult(
        script=script,
        failures=done.failures,
        outcome=record.outcome.outcome,
        call_ms=record.duration_ms,
        turns=len(record.turns),
        seconds=done.seconds,
        record=record,
    )


def _name(script: Script) -> str:
    return "-".join(script.path.with_suffix("").parts[-2:])
