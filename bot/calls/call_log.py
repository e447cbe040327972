"""One structured line per event, with the call's id and never a word of what was said.

Turn records are the only source: a line is a record's fields less the words, and every metric is
a sum over such lines. The field names are an allow-list, so that a new field stays out of the log
until somebody decides that it may be there.
"""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

import structlog

from bot.errors import SettingsError
from bot.records import TURN, CallRecord, TurnRecord

TURN_FIELDS = (
    "field",
    "attempt",
    "result",
    "mode",
    "confidence",
    "grammar",
    "bargein",
    "decision",
    "start_ms",
    "end_ms",
    "reply_after_ms",
)


def level_of(name: str) -> int:
    """The level of this name. Raises SettingsError."""
    found = logging.getLevelNamesMapping().get(name.upper())
    if found is None:
        raise SettingsError(f"--level {name}: use debug, info, warning or error")
    return found


def configure(stream: TextIO, level: int) -> None:
    """Write JSON lines to a stream; called once, by the process that owns the log."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )


def configure_to(log: Path | None, level: str | None) -> None:
    """Log to this file from this level on, else errors alone to standard error. Raises
    SettingsError."""
    if log is not None:
        configure_file(log, level_of(level or "info"))
    elif level is not None:
        raise SettingsError("--level requires --log; name a file with --log")
    else:
        configure(sys.stderr, level_of("error"))


def configure_file(path: Path, level: int) -> None:
    """Append JSON lines to a file. Raises SettingsError where it cannot be written."""
    try:
        stream = path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"--log {path}: {error.strerror}") from None
    configure(stream, level)


def configure_silent() -> None:
    """Log nothing: for a process whose results say all."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def turn_line(record: TurnRecord) -> Mapping[str, object]:
    """What of a turn may be logged."""
    every = TURN.dump_python(record)
    return {name: every[name] for name in TURN_FIELDS if every[name] is not None}


def log_call(record: CallRecord) -> None:
    """Write one line per turn and one for the outcome."""
    log = structlog.get_logger("bot").bind(call_id=record.call_id, line=record.line)
    for turn in record.turns:
        log.info("turn", **turn_line(turn))
    log.info(
        "call",
        pbx=digest_of(record.pbx_id),
        outcome=record.outcome.outcome,
        reason=record.outcome.reason,
        verified=record.outcome.verified,
        duration_ms=record.duration_ms,
        turns=len(record.turns),
    )


def digest_of(identifier: str | None) -> str | None:
    """Twelve hexadecimal digits in place of the PBX's id of a call: enough to find a call by."""
    if identifier is None:
        return None
    return hashlib.sha256(identifier.encode()).hexdigest()[:12]


def log_fault(call_id: str, code: str, kind: str) -> None:
    """Write that something failed: its code and type, not its text, which may hold an entry."""
    structlog.get_logger("bot").error("fault", call_id=call_id, code=code, kind=kind)


def log_no_rescorer() -> None:
    """Write once, as the service starts, that it hears less well than it could."""
    advice = "pip install elms-ivr[whisper], or set rescoring.enabled to false"
    structlog.get_logger("bot").warning("whisper_not_installed", advice=advice)


def log_lesser_voice(advice: str) -> None:
    """Write once, as the service starts, that callers hear a voice that they understand less."""
    structlog.get_logger("bot").warning("hibari_not_installed", advice=advice)


def log_edited_prompts(fault: str) -> None:
    """Write that a call says the prompts of the files, since the edited ones cannot be said."""
    structlog.get_logger("bot").error("edited_prompts_refused", fault=fault)


def log_missing_words(model: Path, words: Sequence[str]) -> None:
    """Write once, as the service starts, which words of its grammars the acoustic model lacks."""
    advice = f"elms-ivr model check {model}"
    structlog.get_logger("bot").error("words_unknown_to_model", words=list(words), advice=advice)
