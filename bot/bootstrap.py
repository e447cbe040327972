"""Picks the adapters and wires them; nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime

import httpx

from bot.adapters.backend_http import HttpBackend
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.adapters.rescorer_engines import load_rescorer
from bot.adapters.synthesizer_engines import fallback, speech_engine
from bot.backend_prefetch import AskedAhead
from bot.calls import call_log
from bot.calls.call import Parts
from bot.calls.record_keeper import RecordKeeper
from bot.calls.spool import Spool
from bot.calls.tuning import FITTED
from bot.clock import RealTimer, utc_now
from bot.core_dumps import leave_no_core
from bot.elms.login import SECRET_FIELDS
from bot.elms.prompt_contract import SAID
from bot.elms.requests import FetchService
from bot.elms.spoken_facts import spoken_facts
from bot.errors import BackendError, BackendRefusedError, SettingsError
from bot.grammar import Grammars
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import ThreadWorkers
from bot.interfaces import Backend, Timer
from bot.prompts.prompts import Prompts
from bot.service import CallService
from bot.settings import BackendClient, Settings
from bot.synthesis.silent import NullSynthesizer
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.synthesis.warm_up import warm_up_with_progress

Words = tuple[Prompts, Grammars]
"""What callers hear and what they may say. It can be passed to another process, which takes a fifth
of the time of compiling it there."""


@asynccontextmanager
async def call_service(  # noqa: PLR0913 - one for each seam
    settings: Settings,
    *,
    words: Words | None = None,
    backend: BackendClient | None = None,
    aloud: bool = True,
    warm_rates: Sequence[int] = (),
    backend_as: Callable[[Backend], Backend] = lambda backend: backend,
    now: Callable[[], datetime] = utc_now,
    timer: Timer | None = None,
) -> AsyncIterator[CallService]:
    """Start everything that answers calls; stop it when the context is left.

    ``words`` are the settings' prompts and grammars if already loaded; compiling them takes a
    second. ``backend`` replaces the one in the settings with a demonstration ELMS: its undelivered
    records are not spooled, and no spooled records are sent to it. ``aloud`` is False for a
    terminal, which prints replies. For each of ``warm_rates`` (Hz), the fixed prompts are
    synthesized before the first call. ``backend_as`` may wrap the backend. ``timer`` replaces real
    time for recorded callers, who wait for a sentence however late it comes. Raises IvrError if a
    grammar, a prompt or the acoustic model is invalid.
    """
    leave_no_core()
    async with AsyncExitStack() as stack:
        client = backend or settings.backend
        http = await stack.enter_async_context(http_client(client))
        patient, timer = timer is not None, timer or RealTimer()
        home = AskedAhead(backend_as(HttpBackend(http, client)), timer)
        stack.push_async_callback(home.close)
        spool = Spool(settings.out / "undelivered") if backend is None else None
        workers = stack.enter_context(ThreadWorkers(settings.recognition_threads))
        prompts, grammars = words or words_of(settings)
        rescorer = load_rescorer(settings.rescoring, settings.recognition_threads)
        if settings.rescoring.enabled and rescorer is None:
            call_log.log_no_rescorer()
        ensemble = load_ensemble(settings.model, rescorer)
        vocabulary = Vocabulary(grammars, ensemble.first)
        if lacking := vocabulary.lacking():
            call_log.log_missing_words(settings.model, lacking)
        voice = await _voice(settings, stack) if aloud else None
        parts = Parts(
            prompts=prompts,
            vocabulary=vocabulary,
            ensemble=ensemble,
            detector=SileroDetector(),
            synthesizer=voice or NullSynthesizer(),
            workers=workers,
            backend=home,
            timer=timer,
            one_moment_ms=client.one_moment_ms,
            longest_ms=settings.attempts.minutes * 60_000,
            confidence=read_confidence(settings.model, FITTED.confidence).beside(
                rescorer=rescorer is not None
            ),
            tuning=FITTED,
        )
        for rate in warm_rates:
            percents = (100, settings.slow.rate_percent)
            fixed = parts.prompts.fixed()
            await warm_up_with_progress(parts.synthesizer, fixed, rate, percents)
        if voice is not None and not patient:
            voice.patience_ms = settings.speech.patience_ms
        if spool is not None:
            delivering = asyncio.create_task(spool.deliver_each_minute(home, RealTimer()))
            stack.push_async_callback(_ended, spool, delivering, client.timeout_ms / 1_000)
        keeper = RecordKeeper(home, spool, timer)
        stack.push_async_callback(keeper.finish, client.timeout_ms / 1_000)
        home.ask_ahead()
        yield CallService(settings, parts, keeper, now, home.latest)


async def _ended(spool: Spool, delivering: asyncio.Task[None], patience_s: float) -> None:
    """Stop delivering spooled records; a delivery under way may take up to ``patience_s``."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            await spool.pause()
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)


def words_of(settings: Settings) -> Words:
    """Load the prompts and grammars. Raises PromptError and GrammarError."""
    prompts = Prompts.load(settings.prompts, spoken_facts(settings), SECRET_FIELDS)
    prompts.check(SAID)
    return prompts, Grammars.load(settings.grammars)


def check(settings: Settings) -> None:
    """Raise IvrError if the prompts, the grammars or the model would keep calls from starting."""
    words_of(settings)
    load_ensemble(settings.model, load_rescorer(settings.rescoring))


def http_client(backend: BackendClient) -> httpx.AsyncClient:
    """Create a client for the ELMS backend. Raises SettingsError if its address is invalid."""
    try:
        return httpx.AsyncClient(base_url=backend.url, timeout=backend.timeout_ms / 1000)
    except httpx.InvalidURL:
        raise SettingsError(f"setting backend.url: {backend.url} is not an address") from None


async def check_backend(backend: BackendClient) -> None:
    """Send the backend one request before callers do. Raises BackendError with its address."""
    place = httpx.URL(backend.url).copy_with(userinfo=b"")
    async with http_client(backend) as http:
        try:
            await HttpBackend(http, backend).ask(FetchService(), "check", None)
        except BackendRefusedError:
            raise BackendRefusedError(
                f"the backend at {place} rejects this credential; set backend.credential to "
                "its bot_credential"
            ) from None
        except BackendError:
            raise BackendError(
                f"the backend at {place} does not answer; start it, or check backend.url"
            ) from None


async def _voice(settings: Settings, stack: AsyncExitStack) -> SentenceSynthesizer:
    if advice := fallback(settings.speech):
        call_log.log_lesser_voice(advice)
    voice = SentenceSynthesizer(speech_engine(settings.speech), settings.speech)
    await stack.enter_async_context(voice)
    await voice.start()
    return voice
