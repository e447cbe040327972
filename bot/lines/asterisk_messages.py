"""Parses and builds messages of Asterisk's chan_websocket in its JSON control format.

The format is taken from Asterisk's source. Anything that is not such a message is read as None;
events of other types are ignored.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

RATES = {"slin": 8_000, "slin16": 16_000}
"""The formats we accept, with their sampling rates (Hz)."""

LONGEST_COMMAND = 127
"""Bytes; Asterisk drops longer commands."""

CALLER_VARIABLE, ID_VARIABLE = "__ELMS_CALLER", "__ELMS_ID"
RESUME_VARIABLE = "__ELMS_RESUME"
"""Channel variables that the dialplan sets, with their underscores, as they arrive."""

_NUMBER = re.compile(r"[+0-9]{1,20}")
_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}")


@dataclass(frozen=True, slots=True)
class MediaStart:
    """The first message. ``rate`` is None for a format that we do not accept."""

    rate: int | None
    frame_bytes: int
    caller_number: str | None = field(repr=False)
    pbx_id: str | None = field(repr=False)
    resumes: str | None = None
    """Our ID of the earlier call, which nobody could take and which this call continues."""


@dataclass(frozen=True, slots=True)
class KeyUp:
    """A key was released."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Everything before a mark was played."""

    name: str


@dataclass(frozen=True, slots=True)
class Flow:
    """True if the queue takes more audio."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class Other:
    """Any other message; ``failed`` is True if it reports an error."""

    failed: bool = False


Message = MediaStart | KeyUp | MarkReached | Flow | Other


def read(text: str) -> Message | None:
    """Parse a text message; return None if it is not one of Asterisk's."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _message(said) if isinstance(said, dict) else None


def _message(said: dict[str, Any]) -> Message | None:
    match said.get("event"):
        case "MEDIA_START":
            return _start(said)
        case "DTMF_END":
            return KeyUp(str(said.get("digit", "")))
        case "MEDIA_MARK_PROCESSED":
            return MarkReached(str(said.get("correlation_id", "")))
        case "MEDIA_XOFF" | "MEDIA_XON" as flow:
            return Flow(flow == "MEDIA_XOFF")
        case str(event):
            return Other(failed=event == "ERROR")
        case _:
            return None


def command(name: str, **members: str) -> str:
    """Build a command. Raises ValueError if it is so long that Asterisk would drop it."""
    text = json.dumps({"command": name, **members}, separators=(",", ":"))
    if len(text.encode()) > LONGEST_COMMAND:
        raise ValueError(f"a command of {len(text)} bytes is longer than {LONGEST_COMMAND}")
    return text


def _start(said: dict[str, Any]) -> MediaStart:
    rate = RATES.get(str(said.get("format")))
    frame_bytes = said.get("optimal_frame_size")
    own = (rate or 8_000) // 50 * 2
    usable = isinstance(frame_bytes, int) and 0 < frame_bytes <= 8 * own and frame_bytes % 2 == 0
    variables = said.get("channel_variables")
    known = variables if isinstance(variables, dict) else {}
    return MediaStart(
        rate,
        frame_bytes if usable and isinstance(frame_bytes, int) else own,
        _like(_NUMBER, known.get(CALLER_VARIABLE)),
        _like(_ID, known.get(ID_VARIABLE)),
        _like(_ID, known.get(RESUME_VARIABLE)),
    )


def _like(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
