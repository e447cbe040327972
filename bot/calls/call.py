"""One call: drives the dialog over a line, from the first frame to its outcome.

Carries out every step of the dialog and sends back its result. Whatever fails, the caller hears an
apology and is offered a person if there is one, and the call leaves a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.calls.call_log import log_fault
from bot.calls.event_reader import EventReader, Leaving
from bot.calls.kept_turns import KeptTurns
from bot.calls.player import Player
from bot.calls.recorder import CallRecorder
from bot.calls.redaction import FinishedTurn
from bot.calls.rewind import Begin, OpenEntry, Rewindable, TakenBack
from bot.calls.trace import Trace
from bot.calls.tuning import FITTED, Tuning
from bot.calls.watched_line import FAILED, WatchedLine
from bot.errors import BackendError, IvrError, SynthesisError
from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.hearing.ensemble import Ensemble
from bot.hearing.listener import Listener
from bot.hearing.vocabulary import Vocabulary
from bot.interfaces import Backend, Line, SpeechDetector, Synthesizer, Timer, Workers
from bot.prompts.prompts import Prompts
from bot.records import CallRecord
from bot.synthesis.fallback import ResilientSynthesizer
from bot.turn.afterthought import afterthought
from bot.turn.collect import collect_turn
from bot.turn.key_timer import FullEntry
from bot.turn.options import CollectOptions
from bot.types import (
    CallBack,
    CallOutcome,
    Collect,
    Handover,
    HungUp,
    Mark,
    Note,
    Now,
    Play,
    Promise,
    Prompt,
    Result,
    Speak,
    Step,
    Submit,
    Transfer,
)

FAULT = "error"
CANCELED = "canceled"
NOT_HANDED_OVER = "error.connection.transfer"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that all calls share."""

    prompts: Prompts
    vocabulary: Vocabulary
    ensemble: Ensemble
    detector: SpeechDetector
    synthesizer: Synthesizer
    workers: Workers
    backend: Backend
    timer: Timer
    one_moment_ms: int = 2_000
    longest_ms: int = 1_800_000
    confidence: Confidence = UNFITTED
    tuning: Tuning = FITTED


@dataclass(frozen=True, slots=True)
class Begun:
    """The call's identity, whether a person can take it over, and its wall clock."""

    call_id: str
    started_utc: str
    is_open: Callable[[], bool]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class EndedCall:
    """An ended call: its record, its trace, and its audio if it was recorded."""

    record: CallRecord
    trace: Trace
    recorder: CallRecorder | None


class Call:
    """One call over one line; ``run`` returns its record, whatever happens.

    It has many attributes because it joins all parts of a call: those that it shares with other
    calls, its own, and what is kept of it so far.
    """

    def __init__(
        self,
        parts: Parts,
        line: Line,
        begun: Begun,
        trace: Trace,
        recorder: CallRecorder | None = None,
    ) -> None:
        self._parts = parts
        self._line = WatchedLine(line, begun.call_id)
        self._begun = begun
        self._trace = trace
        self._recorder = recorder
        self._kept = KeptTurns(trace, recorder)
        self._events = EventReader(self._line, parts.timer, recorder, parts.longest_ms)
        self._listener = Listener(
            parts.ensemble,
            parts.detector,
            parts.workers,
            line.rate,
            parts.timer,
            parts.tuning.hearing,
            patient=not line.realtime,
        )
        voice = ResilientSynthesizer(parts.synthesizer, self._voice_failed)
        self._player = Player(self._line, parts.prompts, voice, parts.timer, trace, recorder)
        self._full: FullEntry | None = None
        self._open: OpenEntry | None = None
        self._queued: list[Prompt] = []
        self._handover: Handover | None = None
        self._call_back: CallBack | None = None

    @property
    def lag_ms(self) -> int:
        """Time for which the latest event had waited in this process."""
        return self._events.lag_ms

    def leave(self, reason: str) -> None:
        """End the call politely as soon as it listens: a sentence, then a person or goodbye."""
        self._events.leave(reason)

    async def run(
        self,
        begin: Begin,
        keep: Callable[[CallRecord], Awaitable[None]],
    ) -> CallRecord:
        """Talk until there is an outcome, keep the record, and hang up or hand over.

        The record is kept before a person's telephone can ring. A canceled call also keeps its
        record before it continues to be canceled.
        """
        canceled = False
        try:
            outcome = await self._talk(begin)
        except asyncio.CancelledError:
            canceled = True
            outcome = CallOutcome("failed", CANCELED)
        handover = None if canceled or self._events.hung_up else self._handover
        if handover is None:
            await self._hang_up()
        await self._events.close()
        record = self._record(outcome)
        await keep(record)
        if handover is not None:
            await self._hand_over(handover)
        if canceled:
            raise asyncio.CancelledError
        return record

    async def _talk(self, begin: Begin) -> CallOutcome:
        try:
            outcome = await self._drive(Rewindable(begin))
            await self._last_words()
        except Leaving as leaving:
            return await self._end(leaving.reason, "apology.leaving")
        except IvrError as fault:
            return await self._fault(fault.code, fault)
        except Exception as fault:
            return await self._fault(FAULT, fault)
        return outcome

    def _record(self, outcome: CallOutcome) -> CallRecord:
        now_ms = self._events.now_ms
        self._kept.tell(None, now_ms)
        self._trace.fell_silent(now_ms)
        self._player.leave()
        turns, last = self._kept.settle(outcome.proven)
        self._trace.add(now_ms, "call", outcome.outcome, detail=outcome.reason)
        return CallRecord(
            call_id=self._begun.call_id,
            started_utc=self._begun.started_utc,
            line=self._line.name,
            duration_ms=now_ms,
            outcome=outcome,
            turns=turns,
            handover=self._handover,
            pbx_id=self._line.pbx_id,
            call_back=self._call_back,
            heard=last.text,
            unheard=last.unheard,
        )

    async def _drive(self, dialog: Rewindable) -> CallOutcome:
        """Carry out the dialog's steps; a backend fault is thrown into the dialog, which
        continues.
        """
        answer: object = None
        while True:
            try:
                step = dialog.send(answer)
            except StopIteration as end:
                outcome: CallOutcome = end.value
                return outcome
            try:
                answer = await self._do(step, dialog.place)
            except BackendError as failed:
                answer = failed
                self._trace.add(self._events.now_ms, "backend", failed.code, detail=str(failed))
            except TakenBack as back:
                dialog.rewind(back.place)
                answer = back.result

    async def _do(self, step: Step, place: int) -> object:
        self._kept.tell(step if isinstance(step, Note) else None, self._events.now_ms)
        match step:
            case Collect():
                return await self._collect(step, place)
            case Submit(request, quietly):
                return await self._submit(request, quietly)
            case Play(prompts):
                self._queued.extend(prompts)
            case Now():
                return self._begun.now()
            case Speak(percent):
                self._player.rate_percent = percent
            case Note():
                self._kept.decided(step, self._events.now_ms)
            case Transfer() | Promise():
                await self._agree(step)
        return None

    async def _agree(self, step: Transfer | Promise) -> None:
        """Keep the record; a person takes over once everything queued was heard."""
        if isinstance(step, Promise):
            self._call_back = step.call_back
            return
        await self._last_words()
        self._handover = step.handover

    async def _collect(self, step: Collect, place: int) -> Result:
        if self._events.hung_up:
            return HungUp()
        await self._play_queued(*step.prompts)
        active = self._parts.vocabulary.active(step.grammars)
        await self._afterthought()
        kept = self._kept.mark()
        start_ms = self._events.now_ms
        if step.secret and self._recorder is not None:
            self._recorder.begin_secret(start_ms)
        try:
            collected, turn = await collect_turn(
                self._listener, self._events, self._player, self._options(step, active), start_ms
            )
        except BaseException:
            self._kept.forget(start_ms, self._events.now_ms)
            raise
        finally:
            if step.secret and self._recorder is not None:
                self._recorder.end_secret(self._events.now_ms)
        self._full = collected.full
        self._kept.heard(FinishedTurn(step, collected, active.of_digits))
        behind = afterthought(self._listener, turn, collected)
        self._open = None if behind is None else OpenEntry(step, place, behind, kept)
        return collected.result

    async def _afterthought(self) -> None:
        """Return True if the caller continues after a spoken number. Raises TakenBack."""
        entry, self._open = self._open, None
        if entry is None or self._events.hung_up:
            return
        hides = self._recorder if entry.step.secret else None
        if hides is not None:
            hides.begin_secret(self._events.now_ms)
        try:
            further = await entry.behind.said(self._events, self._player)
        finally:
            if hides is not None:
                hides.end_secret(self._events.now_ms)
        if further is None:
            return
        self._trace.add(self._events.now_ms, "call", "taken back", detail="the caller went on")
        self._queued.clear()
        self._kept.withdraw(entry.kept)
        self._full = further.full
        self._kept.heard(FinishedTurn(entry.step, further, True))
        self._open = entry.with_more(further)
        raise TakenBack(entry.place, further.result)

    def _options(self, step: Collect, active: ActiveGrammars) -> CollectOptions:
        parts = self._parts
        how = (parts.confidence, self._full, parts.tuning.turn, self._trace.hearing)
        return CollectOptions(active, step.properties, step.secret, *how)

    async def _submit(self, request: object, quietly: bool) -> Any:
        """Ask the backend; if it does not answer for a while, play “one moment”."""
        await self._play_queued()
        await self._afterthought()
        began_ms = self._parts.timer.now_ms()
        asking = asyncio.ensure_future(
            self._parts.backend.ask(request, self._begun.call_id, self._line.caller_number)
        )
        waiting = asyncio.ensure_future(self._parts.timer.sleep(self._parts.one_moment_ms))
        try:
            if not quietly:
                await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not quietly and not asking.done():
                self._queued.append(Prompt("universals.one_moment"))
                await self._play_queued()
            answer = await asking
        finally:
            waiting.cancel()
            asking.cancel()
            self._events.catch_up()
        took_ms = self._parts.timer.now_ms() - began_ms
        self._trace.add(
            self._events.now_ms, "backend", type(request).__name__, detail=f"{took_ms} ms"
        )
        return answer

    async def _play_queued(self, *more: Prompt) -> None:
        """Hand everything queued to the player."""
        prompts, self._queued = [*self._queued, *more], []
        if not prompts or self._events.hung_up:
            return
        if self._player.mark is None:
            await self._player.play(prompts, self._events.now_ms, self._replies)
        else:
            await self._player.play(prompts, self._events.now_ms)

    def _replies(self, first_audio_wall_ms: int) -> str:
        """Tell the previous turn, at the end of a silence, how long its caller waited for the
        reply.
        """
        return self._kept.replied(first_audio_wall_ms - self._events.arrived_wall_ms)

    async def _last_words(self) -> None:
        """Play everything queued to its end, unless the caller leaves."""
        await self._play_queued()
        while self._player.mark is not None and not self._events.hung_up:
            with suppress(Leaving):
                event = await self._events.next()
                if isinstance(event, Mark):
                    self._player.reached(event)

    def _voice_failed(self, fault: SynthesisError) -> None:
        """Note that a sentence could not be synthesized; the call continues."""
        log_fault(self._begun.call_id, fault.code, type(fault).__name__)
        self._trace.add(self._events.now_ms, "call", fault.code, detail=str(fault))

    async def _fault(self, code: str, fault: Exception) -> CallOutcome:
        """Apologize, hand over if somebody is available, and say what failed, without content."""
        log_fault(self._begun.call_id, code, type(fault).__name__)
        self._trace.add(self._events.now_ms, "call", code, detail=type(fault).__name__)
        await self._end(f"fault {code}", "apology.fault")
        return CallOutcome("failed", code)

    async def _end(self, reason: str, sentence: str) -> CallOutcome:
        """Break off with a sentence; hand over if somebody is available."""
        self._kept.tell(None, self._events.now_ms)
        is_open = self._begun.is_open()
        with suppress(Exception):
            await self._player.stop(self._events.now_ms)
            closing = "transfer.connecting" if is_open else "office.closed"
            self._queued = [Prompt(sentence), Prompt(closing)]
            await self._last_words()
        if is_open:
            self._handover = Handover(reason)
        return CallOutcome("failed", reason)

    async def _hand_over(self, handover: Handover) -> None:
        try:
            await self._line.transfer(handover, self._begun.call_id)
        except Exception as fault:
            log_fault(self._begun.call_id, NOT_HANDED_OVER, type(fault).__name__)
            await self._hang_up()

    async def _hang_up(self) -> None:
        """Hang up; a line that fails now is gone, which is what was wanted."""
        try:
            await self._line.hangup()
        except Exception as fault:
            log_fault(self._begun.call_id, FAILED, type(fault).__name__)
