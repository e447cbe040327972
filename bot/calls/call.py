"""One call: drives the dialog over a line, from the first frame to its outcome.

Every step of the dialog is done here and its answer sent back. Whatever fails, the caller hears
an apology, is offered a person where there is one, and there is a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from bot.calls.call_log import log_fault
from bot.calls.event_reader import EventReader
from bot.calls.player import Player
from bot.calls.recorder import CallRecorder
from bot.calls.redaction import FinishedTurn, is_proven
from bot.calls.rewind import Begin, OpenEntry, Rewindable, TakenBack
from bot.calls.trace import Trace
from bot.calls.tuning import FITTED, Tuning
from bot.calls.watched_line import WatchedLine
from bot.errors import BackendError, IvrError, SynthesisError
from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.hearing.ensemble import Ensemble
from bot.hearing.listener import Listener
from bot.hearing.vocabulary import Vocabulary
from bot.interfaces import (
    Backend,
    Line,
    SpeechDetector,
    Synthesizer,
    Timer,
    Workers,
)
from bot.prompts.prompts import Prompts
from bot.records import CallRecord, TurnRecord
from bot.synthesis.fallback import ResilientSynthesizer
from bot.turn.afterthought import afterthought
from bot.turn.collect import collect_turn
from bot.turn.key_timer import FullEntry
from bot.turn.options import CollectOptions
from bot.types import (
    CallOutcome,
    Collect,
    Handover,
    HungUp,
    Mark,
    Match,
    Note,
    Play,
    Prompt,
    Result,
    Speak,
    Step,
    Submit,
    Transfer,
)

FAULT = "error"


@dataclass(frozen=True, slots=True)
class Parts:
    """What all calls share."""

    prompts: Prompts
    vocabulary: Vocabulary
    ensemble: Ensemble
    detector: SpeechDetector
    synthesizer: Synthesizer
    workers: Workers
    backend: Backend
    timer: Timer
    one_moment_ms: int = 2_000
    confidence: Confidence = UNFITTED
    tuning: Tuning = FITTED


@dataclass(frozen=True, slots=True)
class Begun:
    """Which call this is, and whether a person can take it over."""

    call_id: str
    started_utc: str
    is_open: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class EndedCall:
    """An ended call: its record, what happened, and its audio where it was recorded."""

    record: CallRecord
    trace: Trace
    recorder: CallRecorder | None


class Call:
    """One call over one line; ``run`` returns its record, whatever happens.

    It has many attributes because all that a call has is joined here: the parts that it shares with
    others, those that it has alone, and what is kept of it so far.
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
        self._events = EventReader(self._line, parts.timer, recorder)
        self._listener = Listener(
            parts.ensemble,
            parts.detector,
            parts.workers,
            line.rate,
            parts.timer,
            parts.tuning.hearing,
        )
        voice = ResilientSynthesizer(parts.synthesizer, self._voice_failed)
        self._player = Player(self._line, parts.prompts, voice, parts.timer, trace, recorder)
        self._turns: list[TurnRecord] = []
        self._heard: FinishedTurn | None = None
        self._full: FullEntry | None = None
        self._open: OpenEntry | None = None
        self._unproven: list[tuple[int, FinishedTurn, Note | None]] = []
        self._audible: list[tuple[int, int]] = []
        self._queued: list[Prompt] = []
        self._handover: Handover | None = None

    async def run(self, begin: Begin) -> CallRecord:
        """Talk until there is an outcome, then hang up."""
        try:
            outcome = await self._drive(Rewindable(begin))
            await self._last_words()
        except IvrError as fault:
            outcome = await self._fault(fault.code, fault)
        except Exception as fault:
            outcome = await self._fault(FAULT, fault)
        self._tell(None)
        await self._line.hangup()
        await self._events.close()
        self._settle(outcome.license_number or "" if outcome.verified else "")
        self._trace.add(self._events.now_ms, "call", outcome.outcome, detail=outcome.reason)
        return CallRecord(
            call_id=self._begun.call_id,
            started_utc=self._begun.started_utc,
            line=self._line.name,
            duration_ms=self._events.now_ms,
            outcome=outcome,
            turns=tuple(self._turns),
            handover=self._handover,
        )

    async def _drive(self, dialog: Rewindable) -> CallOutcome:
        """Do the dialog's steps; a backend fault is thrown into it, and it goes on."""
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
        self._tell(step if isinstance(step, Note) else None)
        match step:
            case Collect():
                return await self._collect(step, place)
            case Submit(request, quietly):
                return await self._submit(request, quietly)
            case Play(prompts):
                self._queued.extend(prompts)
            case Speak(percent):
                self._player.rate_percent = percent
            case Note():
                self._note(step)
            case Transfer(handover):
                await self._transfer(handover)
        return None

    def _note(self, note: Note) -> None:
        self._turns[-1:] = [replace(turn, decision=note.decision) for turn in self._turns[-1:]]
        together = note.confidence is not None and note.tries > 1
        detail = f"{note.confidence:.2f} from {note.tries} tries" if together else ""
        self._trace.add(self._events.now_ms, "decision", note.decision, detail=detail)

    async def _collect(self, step: Collect, place: int) -> Result:
        if self._events.hung_up:
            return HungUp()
        active = self._parts.vocabulary.active(step.grammars)
        await self._play_queued(*step.prompts)
        await self._afterthought()
        kept = self._kept()
        start_ms = self._events.now_ms
        if step.secret and self._recorder is not None:
            self._recorder.begin_secret(start_ms)
        try:
            collected, turn = await collect_turn(
                self._listener,
                self._events,
                self._player,
                self._options(step, active),
                start_ms,
            )
        except BaseException:
            self._forget(start_ms)
            raise
        finally:
            if step.secret and self._recorder is not None:
                self._recorder.end_secret(self._events.now_ms)
        self._full = collected.full
        self._heard = FinishedTurn(step, collected, active.of_digits)
        behind = afterthought(self._listener, turn, collected)
        self._open = None if behind is None else OpenEntry(step, place, behind, kept)
        return collected.result

    async def _afterthought(self) -> None:
        """Whether the caller goes on behind a spoken number. Raises TakenBack."""
        entry, self._open = self._open, None
        if entry is None or self._events.hung_up:
            return
        if entry.step.secret and self._recorder is not None:
            self._recorder.begin_secret(self._events.now_ms)
        try:
            further = await entry.behind.said(self._events, self._player)
        finally:
            if entry.step.secret and self._recorder is not None:
                self._recorder.end_secret(self._events.now_ms)
        if further is None:
            return
        self._trace.add(self._events.now_ms, "call", "taken back", detail="the caller went on")
        self._queued.clear()
        for keeping, length in zip(self._keeping(), entry.kept, strict=True):
            del keeping[length:]
        self._full = further.full
        self._heard = FinishedTurn(entry.step, further, True)
        behind = replace(entry.behind, collected=further, until_ms=entry.behind.after(further))
        still_open = isinstance(further.result, Match)
        self._open = replace(entry, behind=behind) if still_open else None
        raise TakenBack(entry.place, further.result)

    def _keeping(self) -> tuple[list[Any], ...]:
        return (self._turns, self._unproven, self._audible)

    def _kept(self) -> tuple[int, ...]:
        return tuple(map(len, self._keeping()))

    def _options(self, step: Collect, active: ActiveGrammars) -> CollectOptions:
        parts = self._parts
        return CollectOptions(
            active,
            step.properties,
            step.secret,
            parts.confidence,
            self._full,
            parts.tuning.turn,
        )

    def _tell(self, note: Note | None) -> None:
        """Keep and show the last turn, now that the dialog has said what it makes of it."""
        if self._heard is None:
            return
        turn, self._heard = self._heard, None
        if turn.holds_more(note):
            self._forget(turn.collected.timing.start_ms)
        if span := turn.audible(note):
            self._audible.append(span)
        if turn.unproven(note):
            self._unproven.append((len(self._turns), turn, note))
        self._turns.append(turn.kept(note))
        turn.tell(self._trace, note)

    def _forget(self, from_ms: int, to_ms: int | None = None) -> None:
        """The caller may have said a secret since then, or until then."""
        if self._recorder is not None:
            self._recorder.forget(from_ms, self._events.now_ms if to_ms is None else to_ms)

    def _settle(self, proven: str) -> None:
        """Keep what is of the number with which a secret was right, and nothing of any other."""
        for place, turn, note in self._unproven:
            self._turns[place] = turn.with_words(self._turns[place], note, proven)
            if span := turn.audible(note, proven):
                self._audible.append(span)
            elif turn.withheld(note, proven):
                timing = turn.collected.timing
                self._forget(timing.start_ms, timing.end_ms)
        self._unproven.clear()
        self._trace.settle(lambda number: is_proven(number, proven))
        if self._recorder is not None:
            self._recorder.settle(lambda number: is_proven(number, proven))
            self._recorder.keep_only(self._audible)

    async def _submit(self, request: object, quietly: bool) -> Any:
        """Ask the backend; after a while without an answer the caller hears “one moment”."""
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

    async def _transfer(self, handover: Handover) -> None:
        await self._last_words()
        self._handover = handover
        if not self._events.hung_up:
            await self._line.transfer(handover)

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
        """A silence ends: the turn before now knows how long its caller waited for the reply."""
        turn = self._turns[-1] if self._turns else None
        if turn is None or turn.timing.reply_after_ms is None:
            return ""
        behind_ms = max(0, first_audio_wall_ms - self._events.arrived_wall_ms)
        waited_ms = turn.timing.reply_after_ms + behind_ms
        timing = replace(turn.timing, reply_after_ms=waited_ms)
        self._turns[-1] = replace(turn, timing=timing)
        return f"{waited_ms} ms after the caller"

    async def _last_words(self) -> None:
        """Play what is queued to its end, unless the caller leaves."""
        await self._play_queued()
        while self._player.mark is not None and not self._events.hung_up:
            event = await self._events.next()
            if isinstance(event, Mark):
                self._player.reached(event)

    def _voice_failed(self, fault: SynthesisError) -> None:
        """A sentence is lost; the call goes on."""
        log_fault(self._begun.call_id, fault.code, type(fault).__name__)
        self._trace.add(self._events.now_ms, "call", fault.code, detail=str(fault))

    async def _fault(self, code: str, fault: Exception) -> CallOutcome:
        """Apologize, hand over where somebody is there, and say what failed, not with what."""
        self._tell(None)
        log_fault(self._begun.call_id, code, type(fault).__name__)
        self._trace.add(self._events.now_ms, "call", code, detail=type(fault).__name__)
        handover = Handover(f"fault {code}", None, False, None, None)
        is_open = self._begun.is_open()
        with suppress(Exception):
            await self._player.stop(self._events.now_ms)
            closing = "transfer.connecting" if is_open else "office.closed"
            self._queued = [Prompt("apology.fault"), Prompt(closing)]
            if is_open:
                await self._transfer(handover)
            else:
                await self._last_words()
        return CallOutcome("failed", code)
