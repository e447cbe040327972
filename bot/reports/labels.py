"""The wording of any call on its page: times, results, and outcomes for people."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.calls.trace import TraceEvent
from bot.records import TurnRecord
from bot.reports.wording import Wording
from bot.types import Outcome

OUTCOMES: dict[Outcome, str] = {
    "completed": "Completed",
    "transferred": "Transferred to a representative",
    "hangup": "The caller hung up",
    "gave-up": "Not understood",
    "call-back": "To be called back",
    "closed": "Called outside office hours",
    "failed": "Failed",
}
_RESULTS = {
    "match": "understood",
    "nomatch": "not understood",
    "noinput": "nothing heard",
    "hangup": "hung up",
}
MODES = {"voice": "spoken", "dtmf": "keyed", "mixed": "spoken and keyed"}


def clock(ms: int) -> str:
    """Minutes, seconds, and hundredths, such as 1:02.50."""
    minutes, rest = divmod(max(0, ms), 60_000)
    seconds, thousandths = divmod(rest, 1000)
    return f"{minutes}:{seconds:02}.{thousandths // 10:02}"


def length(ms: int) -> str:
    """A duration such as 1 min 12 s."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def moment(started_utc: str) -> str:
    """An ISO time as an unambiguous date; anything else unchanged."""
    try:
        began = datetime.fromisoformat(started_utc)
    except ValueError:
        return started_utc
    began = began.replace(tzinfo=UTC) if began.tzinfo is None else began.astimezone(UTC)
    return f"{began.day} {began:%B %Y, %H:%M:%S} UTC"


def field_title(turn: TurnRecord, wording: Wording) -> str:
    """The question of a turn, with the attempt number if it is not the first."""
    name = wording.fields.get(turn.field, turn.field.replace("_", " ").capitalize())
    return name if turn.attempt <= 1 else f"{name}, attempt {turn.attempt}"


def turn_title(turn: TurnRecord, wording: Wording) -> str:
    """The question of a turn and its result."""
    return f"{field_title(turn, wording)}: {_RESULTS[turn.result]}"


def event_words(event: TraceEvent, wording: Wording) -> str:
    """An event's text, with its technical name replaced by words if there are any."""
    return wording.requests.get(event.text, event.text) if event.lane == "backend" else event.text


def result_words(turn: TurnRecord) -> str:
    """The result of a turn that has no entry to show."""
    return _RESULTS[turn.result].capitalize()
