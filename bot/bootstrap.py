"""The one place that picks adapters and wires them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import httpx

from bot.adapters.backend_http import HttpBackend
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.adapters.synthesizer_hibari import hibari_engine
from bot.adapters.synthesizer_none import NullSynthesizer
from bot.adapters.synthesizer_pyttsx3 import pyttsx3_engine
from bot.adapters.synthesizer_sentences import SentenceSynthesizer
from bot.answering import Answering
from bot.call import Parts
from bot.grammar import Grammars
from bot.interfaces import Synthesizer
from bot.prompts import Prompts
from bot.settings import BackendClient, Settings
from bot.spool import Spool
from bot.timer import RealTimer, utc_now
from bot.vocabulary import Vocabulary
from bot.warm_up import warm_up_with_progress
from bot.workers import ThreadWorkers


@asynccontextmanager
async def answering(
    settings: Settings,
    *,
    backend: BackendClient | None = None,
    aloud: bool = True,
    warm_rate: int | None = None,
    now: Callable[[], datetime] = utc_now,
) -> AsyncIterator[Answering]:
    """Everything that answers calls, until the context is left.

    ``aloud`` is False for a terminal, where replies are read. ``warm_rate`` (Hz) has the fixed
    prompts made before the first call. Raises IvrError where a grammar, a prompt or the acoustic
    model is not as it should be.
    """
    async with AsyncExitStack() as stack:
        client = backend or settings.backend
        http = await stack.enter_async_context(http_client(client))
        home = HttpBackend(http, client)
        spool = Spool(settings.out / "undelivered")
        workers = stack.enter_context(ThreadWorkers(settings.recognition_threads))
        recognizer = VoskRecognizer(settings.model)
        parts = Parts(
            prompts=Prompts.load(settings.prompts),
            vocabulary=Vocabulary(Grammars.load(settings.grammars), recognizer),
            recognizer=recognizer,
            detector=SileroDetector(),
            synthesizer=await _synthesizer(settings, stack, aloud),
            workers=workers,
            backend=home,
            timer=RealTimer(),
            one_moment_ms=client.one_moment_ms,
        )
        if warm_rate is not None:
            await warm_up_with_progress(parts.synthesizer, parts.prompts.fixed(), warm_rate)
        await spool.deliver(home)
        yield Answering(settings, parts, spool, now)


def http_client(backend: BackendClient) -> httpx.AsyncClient:
    """A client of the ELMS backend."""
    return httpx.AsyncClient(base_url=backend.url, timeout=backend.timeout_ms / 1000)


async def _synthesizer(settings: Settings, stack: AsyncExitStack, aloud: bool) -> Synthesizer:
    if not aloud:
        return NullSynthesizer()
    engine = hibari_engine if settings.speech.engine == "hibari" else pyttsx3_engine
    return await stack.enter_async_context(
        SentenceSynthesizer(engine(settings.speech), settings.speech)
    )
