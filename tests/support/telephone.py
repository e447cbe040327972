"""A telephone service with fakes behind its seams, and calls of the strict double of Asterisk."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, WebSocket
from pydantic import SecretStr

from bot.adapters.line_websocket import Ended, WebSocketLine, begin
from bot.calls.call import Parts
from bot.calls.record_keeper import RecordKeeper
from bot.calls.spool import Spool
from bot.hearing.confidence import UNFITTED, Confidence
from bot.hearing.ensemble import Ensemble
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.interfaces import SpeechDetector, Timer
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.prompts.prompts import Prompts
from bot.records import CallRecord
from bot.service import CallService
from bot.serving.app import create_app
from bot.serving.exchange import Exchange
from bot.settings import Serve, Settings
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, InProcess, LoopTimer, caller_variables
from tests.support.dialog_driver import ACCOUNT, LICENSE_NUMBER, PIN
from tests.support.fake_elms import FakeBackend
from tests.support.fakes import FakeDetector, FakeRecognizer, FakeSynthesizer, alone
from tests.support.grammars import project_grammars

PROMPTS = Prompts.load(Settings().prompts)
GRAMMARS = project_grammars()
MONDAY = datetime(2022, 6, 13, 15, tzinfo=UTC)
SUNDAY = datetime(2022, 6, 12, 15, tzinfo=UTC)
KEYED = (
    CallerAction(keys=LICENSE_NUMBER),
    CallerAction(keys=PIN),
    CallerAction(keys="4"),
)
"""A caller who hears the status and says goodbye."""


@dataclass
class Office:
    """The service. ``backend.stored`` are the records; ``ensemble``, ``detector``, and
    ``confidence`` may be real ones. ``ended`` is told what is next, in place of the exchange."""

    now: datetime = MONDAY
    serve: Serve = field(default_factory=Serve)
    alternatives: Sequence[tuple[str, str, float]] = ()
    timer: Timer = field(default_factory=LoopTimer)
    voice: FakeSynthesizer = field(default_factory=lambda: FakeSynthesizer(loud=True))
    backend: FakeBackend = field(
        default_factory=lambda: FakeBackend({(LICENSE_NUMBER, PIN): ACCOUNT})
    )
    spool: Spool | None = None
    ensemble: Ensemble | None = None
    detector: SpeechDetector = field(default_factory=FakeDetector)
    confidence: Confidence = UNFITTED
    ended: Ended | None = None
    calls: CallService = field(init=False)
    lines: list[WebSocketLine] = field(default_factory=list)
    exchange: Exchange = field(init=False)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        ensemble = self.ensemble or alone(FakeRecognizer(self.alternatives))
        parts = Parts(
            prompts=PROMPTS,
            vocabulary=Vocabulary(GRAMMARS, ensemble.first),
            ensemble=ensemble,
            detector=self.detector,
            synthesizer=self.voice,
            workers=InlineWorkers(),
            backend=self.backend,
            timer=self.timer,
            confidence=self.confidence,
        )
        keeper = RecordKeeper(self.backend, self.spool, self.timer)
        self.calls = CallService(Settings(), parts, keeper, lambda: self.now)
        self.exchange = Exchange(self.calls, self.serve.calls, self.timer)

        async def line_of(socket: WebSocket) -> WebSocketLine | None:
            line = await begin(socket, self.timer, self.ended or self.exchange.steps.end)
            if line is not None:
                self.lines.append(line)
            return line

        self.app = create_app(self.exchange, line_of, self.serve)

    @property
    def record(self) -> CallRecord:
        """The record of the only call."""
        (record,) = self.backend.stored
        return record

    async def call(
        self, actions: Sequence[CallerAction], channel: Channel | None = None, **more: Any
    ) -> AsteriskCall:
        """One whole call by the double, to its end on both sides."""
        channel = channel or Channel(variables=caller_variables())
        peer = InProcess(self.app)
        assert await peer.connect() == 101
        caller = SimulatedCaller(actions, channel.rate)
        asterisk = AsteriskCall(peer, caller, channel, **more)
        await asterisk.talk()
        await peer.ended()
        return asterisk


def locked(credential: str = "a long credential") -> Serve:
    """Settings of a service that wants a credential."""
    return Serve(credential=SecretStr(credential))


def basic(username: str, password: str) -> tuple[tuple[bytes, bytes], ...]:
    """Headers with HTTP Basic."""
    encoded = base64.b64encode(f"{username}:{password}".encode())
    return ((b"authorization", b"Basic " + encoded),)


def bearer(credential: str) -> tuple[tuple[bytes, bytes], ...]:
    """Headers with a bearer credential."""
    return ((b"authorization", b"Bearer " + credential.encode()),)
