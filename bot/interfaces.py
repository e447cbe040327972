"""The seams: one protocol for each outside thing. Knows only ``types``.

A Recognizer blocks for long; the listener runs it through a Workers protocol, so that only
``bootstrap`` knows about threads. A SpeechDetector is quick enough to run where audio arrives.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.records import CallRecord
from bot.types import AudioFrame, Following, Handover, Hypothesis, LineEvent, Segment

T = TypeVar("T")


class Line(Protocol):
    """One call's audio and signaling: a PBX WebSocket, a microphone, a recording, a terminal.

    ``rate`` is the sampling rate of both directions in Hz. ``realtime`` says that events go on
    arriving while nobody reads them; a recording waits instead, so its time stands still.
    ``pbx_id`` is what the PBX calls this call, where there is one. ``resumes`` is our id of an
    earlier call that nobody could take, after which this one goes on.
    """

    name: str
    rate: int
    realtime: bool
    out_of_band_keys: bool
    caller_number: str | None
    pbx_id: str | None
    resumes: str | None

    def events(self) -> AsyncIterator[LineEvent]:
        """Yield what arrives; frames without gaps in start_ms; Hangup last. Iterated once."""
        ...

    async def send(self, frame: AudioFrame) -> None:
        """Queue reply audio behind what was sent before; the line paces it."""
        ...

    async def mark(self, name: str) -> None:
        """Ask for a Mark event once all audio sent so far was played."""
        ...

    async def flush(self) -> int:
        """Drop queued audio and its marks; silent within one frame (20 ms). Returns how many
        milliseconds of the audio were not played."""
        ...

    async def hangup(self) -> None:
        """End the call from our side."""
        ...

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """Hand the caller to a person; the record with this ``call_id`` is kept by now."""
        ...


class Recognition(Protocol):
    """One utterance at one recognizer. Blocking; never used by two threads at once."""

    @property
    def reach(self) -> float:
        """Distance below the best, in log-likelihood, down to which alternatives are searched."""
        ...

    def accept(self, frame: AudioFrame) -> tuple[str, ...]:
        """Take the next audio; return the words of the partial result so far."""
        ...

    def final(self) -> tuple[Hypothesis, ...]:
        """End the utterance; return alternatives, best first; empty when nothing was heard."""
        ...


class Spotter(Protocol):
    """Tells which words are in an utterance, whatever was asked (decision 73). Blocking."""

    def spot(self, utterance: AudioFrame) -> Mapping[str, float]:
        """Log-odds that each word it knows is somewhere in the audio."""
        ...


@dataclass(frozen=True, slots=True)
class Rescored:
    """A Rescorer's likelihood for one alternative; nothing is known about one without words."""

    log_likelihood: float = 0.0
    behind: float = 0.0
    """How much likelier, in log-likelihood, its own transcription is, word by word."""
    own: float | None = None
    """Its log-likelihood where the rescorer came upon it by itself."""


class Language(Protocol):
    """All that may be said."""

    def after(self, tokens: Sequence[str]) -> Following:
        """The words that may follow these, and whether these may be all."""
        ...


class Rescorer(Protocol):
    """Another listener, asked how likely alternatives are (decision 76). Blocking."""

    identity: str

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[tuple[str, ...]],
        language: Language | None = None,
    ) -> Mapping[tuple[str, ...], Rescored]:
        """Each alternative, and beside them what it hears itself (decision 81), freely and in the
        language (decision 83); empty where the audio is too short, or too long, to tell."""
        ...


class Recognizer(Protocol):
    """An engine with a loaded acoustic model."""

    def missing(self, words: Iterable[str]) -> tuple[str, ...]:
        """Those of the words that the model does not know, in order."""
        ...

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> Recognition:
        """Begin an utterance of audio at ``rate`` Hz, constrained to phrases. Raises
        RecognitionError.

        ``wide`` looks for alternatives farther behind the best (decision 71): next to nothing for
        a few seconds of digits, too much for sentences. An engine that cannot tell does without.
        """
        ...


class Detection(Protocol):
    """Speech detection over one stream. Blocking, cheap."""

    def accept(self, frame: AudioFrame) -> float:
        """Take the next audio; return the probability (0-1) that speech is there now."""
        ...

    def defer(self, frame: AudioFrame) -> None:
        """Take the next audio, whose probability nobody asks for: cheaper, and as well heard by
        what comes after it."""
        ...


class SpeechDetector(Protocol):
    """Detects speech, independent of the words."""

    def start(self, rate: int) -> Detection:
        """Begin a stream at this sampling rate in Hz."""
        ...


class Synthesizer(Protocol):
    """Turns segments into audio."""

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        """One 16-bit mono PCM run per segment at ``rate`` Hz. Raises SynthesisError."""
        ...


class Backend(Protocol):
    """The application's service as a call sees it. Every method raises BackendError."""

    async def ask(self, request: Any, call_id: str, caller_number: str | None) -> Any:
        """Answer one request of the dialog, which knows what it asks and is answered."""
        ...

    async def store_call(self, record: CallRecord) -> None:
        """Keep the record of an ended call; idempotent by call_id."""
        ...


class Workers(Protocol):
    """Runs blocking engines."""

    async def run(self, work: Callable[[], T]) -> T:
        """Run in a worker thread (or inline, in tests) and return the result."""
        ...

    async def within(self, ms: int, running: Future[T]) -> T | None:
        """Return the result of work begun with ``run``; None if it takes longer than this (never
        inline: that always waits, so that results are always the same).
        """
        ...


class Timer(Protocol):
    """Real time, for what is not audio: the backend, how long a reply took."""

    def now_ms(self) -> int:
        """Milliseconds since some moment; only differences mean something."""
        ...

    async def sleep(self, ms: int) -> None:
        """Return after this many milliseconds of real time."""
        ...
