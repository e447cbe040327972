"""Synthesizes what all callers hear, before the first call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.errors import SynthesisError
from bot.interfaces import Synthesizer
from bot.types import Say

AT_ONCE = 8


async def warm_up(
    synthesizer: Synthesizer,
    sentences: Sequence[str],
    rate: int,
    rate_percents: Sequence[int] = (100,),
    advance: Callable[[], None] = lambda: None,
) -> int:
    """Synthesize every sentence at every speaking rate; return the number of failures."""
    free = asyncio.Semaphore(AT_ONCE)

    async def make(text: str, percent: int) -> bool:
        async with free:
            try:
                await synthesizer.speak((Say(text),), rate, percent)
            except SynthesisError:
                return False
            finally:
                advance()
            return True

    jobs = (make(text, percent) for percent in rate_percents for text in sentences)
    return (await asyncio.gather(*jobs)).count(False)


async def warm_up_with_progress(
    synthesizer: Synthesizer,
    sentences: Sequence[str],
    rate: int,
    rate_percents: Sequence[int] = (100,),
    console: Console | None = None,
) -> int:
    """The same with a progress bar, which disappears at the end."""
    progress = Progress(
        TextColumn("Preparing the voice"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console or Console(stderr=True),
        transient=True,
    )
    with progress:
        task = progress.add_task("", total=len(sentences) * len(rate_percents))
        return await warm_up(
            synthesizer, sentences, rate, rate_percents, lambda: progress.advance(task)
        )
