"""The values that travel through the bot: audio, keys, interpretations, steps, and records.

Imports nothing of ours. Times are milliseconds of the caller's audio since the call began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Mode = Literal["voice", "dtmf", "mixed"]
"""The mode of an entry: VoiceXML's ``lastresult$.inputmode``, plus ``mixed``."""

KEYS = "0123456789*#"
"""The keys of a telephone, RFC 4733 events 0-11."""

UNKNOWN = "[unk]"
"""The word a recognizer gives for speech outside its phrase list."""

UNIVERSAL = "universals"
"""The grammar of the commands that work everywhere."""


def is_command(grammar: str) -> bool:
    """Return True for a grammar of commands: UNIVERSAL, or one whose name begins with it."""
    return grammar == UNIVERSAL or grammar.startswith(f"{UNIVERSAL}_")


# -- what a line delivers ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """16-bit mono little-endian samples of one stretch of the caller's audio."""

    pcm: bytes = field(repr=False)
    rate: int
    start_ms: int

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds."""
        return len(self.pcm) * 500 // self.rate

    @property
    def end_ms(self) -> int:
        """Audio time just after the last sample."""
        return self.start_ms + len(self.pcm) * 500 // self.rate


@dataclass(frozen=True, slots=True)
class Dtmf:
    """One key, out of band (RFC 4733) or found as a tone."""

    key: str = field(repr=False)
    at_ms: int


@dataclass(frozen=True, slots=True)
class Text:
    """A whole utterance that arrives as text (real-time text, RFC 4103, or a terminal)."""

    utterance: str = field(repr=False)
    at_ms: int


@dataclass(frozen=True, slots=True)
class Mark:
    """The line has played everything that was sent before the mark of this name."""

    name: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """The caller is gone: the last event of a line."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Tty:
    """A text telephone was heard (ITU-T V.18 annex A): the caller does not hear the prompts."""

    at_ms: int


LineEvent = AudioFrame | Dtmf | Text | Tty | Mark | Hangup


# -- what is heard ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One alternative of a recognizer; log-likelihoods compare within one list only."""

    words: tuple[str, ...] = field(repr=False)
    log_likelihood: float = 0.0


@dataclass(frozen=True, slots=True)
class Interpretation:
    """The meaning of an utterance under a grammar: VoiceXML's ``application.lastresult$``.

    ``repr`` shows neither words nor value: a PIN must not reach a log through an exception.
    """

    utterance: str = field(repr=False)
    value: str = field(repr=False)
    confidence: float
    mode: Mode
    grammar: str


@dataclass(frozen=True, slots=True)
class Match:
    """The caller said or keyed something that the grammars mean; best first, never empty."""

    nbest: tuple[Interpretation, ...]

    @property
    def best(self) -> Interpretation:
        """The most probable interpretation."""
        return self.nbest[0]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Speech or keys were there and mean nothing here.

    ``partial`` holds what of a longer entry was heard (digits of an incomplete number), to be
    offered to the caller for confirmation; it is never logged. ``typed_on`` says that its keys
    came in one go with those of the entry before, which they make too long; ``too_long`` that more
    digits were said than any answer has.
    """

    mode: Mode = "voice"
    partial: tuple[Interpretation, ...] = ()
    typed_on: bool = False
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class NoInput:
    """Nothing was said or keyed in time."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller left during the turn."""


Result = Match | NoMatch | NoInput | HungUp


# -- what is said -----------------------------------------------------------------------------

Value = str | int | date | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A reference into prompts/: the key, how often it was played, and typed slot values.

    What is ``confidential`` tells of a caller by its words alone, whatever its values are.
    """

    key: str
    count: int = 1
    values: Mapping[str, Value] = field(default_factory=dict)
    confidential: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Say:
    """A run of text for the synthesizer. ``private`` text is never cached on disk.

    ``confidential`` text tells of the caller, and is not in the record of the call. ``number`` is
    the caller's number that the text is a part of, where it reads one back; ``written`` is what one
    reads, where the text has pronunciations in it ("see ee you").
    """

    text: str
    private: bool = False
    number: str = field(default="", repr=False)
    written: str = ""
    confidential: bool = field(default=False, compare=False)

    @property
    def caption(self) -> str:
        """The text for those who read it."""
        return self.written or self.text


@dataclass(frozen=True, slots=True)
class Silence:
    """A pause that we make ourselves (engines pause as they please)."""

    ms: int


Segment = Say | Silence


Decision = Literal["accept", "confirm", "complete", "retry", "keypad", "give-up", "event"]


# -- what the dialog asks of the world --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Properties:
    """VoiceXML 2.1 section 6.3 properties of one collect; all times are milliseconds of audio."""

    timeout_ms: int = 10_000
    complete_timeout_ms: int = 80
    incomplete_timeout_ms: int = 2_500
    max_speech_timeout_ms: int = 20_000
    interdigit_timeout_ms: int = 5_000
    term_timeout_ms: int = 0
    termchar: str = "#"
    bargein: bool = True
    bargein_level_db: int = -40
    max_nbest: int = 10
    max_nbest_digits: int = 30


@dataclass(frozen=True, slots=True)
class Play:
    """Queue prompts: they are heard before the next collect, submit, transfer or the end."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Collect:
    """Play what is queued and these prompts, then listen for one entry.

    ``grammars`` are URIs of grammars/ (``digits.grxml?length=6``), each with a voice and a dtmf
    mode, the first being the field's own. ``secret`` keeps every trace of the entry out of
    records. The answer sent back is a Result.
    """

    field: str
    attempt: int
    prompts: tuple[Prompt, ...]
    grammars: tuple[str, ...]
    properties: Properties
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Submit:
    """Ask the backend; requests, and what answers each, are the application's own.

    ``quietly``: a reply plays meanwhile, and nobody has to be told to wait.
    """

    request: Any
    quietly: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """Information for the representative when a call is handed over; no secret."""

    reason: str
    license_number: str | None = None
    verified: bool = False
    failed_field: str | None = None
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Play what is queued, then hand the caller to a person; ends the call."""

    handover: Handover


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call that the caller is promised: to this number, between two times of day at the office
    (08:00)."""

    number: str = field(repr=False)
    earliest: str
    latest: str
    earlier_call_id: str | None = None
    """The call that nobody could take."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Keep this call-back with the record of the call, however the call ends."""

    call_back: CallBack


@dataclass(frozen=True, slots=True)
class Speak:
    """Change the speaking rate for the rest of the call (percent of the normal rate)."""

    rate_percent: int


@dataclass(frozen=True, slots=True)
class Note:
    """The dialog's decision about the last turn, for its record.

    ``confidence`` combines all ``tries`` at the question, if anything was heard. ``of_last`` is
    True if it concerns the last turn's value, not an earlier one's.
    """

    decision: Decision
    confidence: float | None = None
    tries: int = 1
    of_last: bool = True


@dataclass(frozen=True, slots=True)
class Now:
    """Ask for the time, which no dialog reads itself; the answer sent back is an aware datetime."""


Step = Play | Collect | Submit | Transfer | Promise | Speak | Note | Now

Outcome = Literal["completed", "transferred", "hangup", "gave-up", "closed", "call-back", "failed"]


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """The end of a call, and how far it came."""

    outcome: Outcome
    reason: str
    verified: bool = False
    license_number: str | None = None

    @property
    def proven(self) -> str:
        """The number that is proven to be the caller's; empty where none is."""
        return self.license_number or "" if self.verified else ""


@dataclass(frozen=True, slots=True)
class Following:
    """How an entry may go on."""

    words: tuple[str, ...]
    """The words that may be next."""
    complete: bool
    """Whether the entry may end here."""
