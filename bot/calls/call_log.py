"""Writes one structured line per event, with the call's id and none of the words spoken.

Turn records are the only source: a line is a record's fields without the words, and every metric is
a sum over such lines. The field names are an allow-list, so that a new field stays out of the log
until somebody adds it here.
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
    """Return the level of this name. Raises SettingsError."""
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
    """Log to this file from this level on, or only errors to standard error. Raises
    SettingsError.
    """
    if log is not None:
        configure_file(log, level_of(level or "info"))
    elif level is not None:
        raise SettingsError("--level requires --log; name a file with --log")
    else:
        configure(sys.stderr, level_of("error"))


def configure_file(path: Path, level: int) -> None:
    """Append JSON lines to a file. Raises SettingsError if it cannot be written."""
    try:
        stream = path.open("a", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"--log {path}: {error.strerror}") from None
    configure(stream, level)


def configure_silent() -> None:
    """Log nothing: for a process whose results are its only output."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def turn_line(record: TurnRecord) -> Mapping[str, object]:
    """Return the fields of a turn that may be logged."""
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
    """Return twelve hexadecimal digits for the PBX's id of a call: enough to find the call by."""
    if identifier is None:
        return None
    return hashlib.sha256(identifier.encode()).hexdigest()[:12]


def log_fault(call_id: str, code: str, kind: str) -> None:
    """Log a failure: its code and type, not its text, which may contain an entry."""
    structlog.get_logger("bot").error("fault", call_id=call_id, code=code, kind=kind)


def log_no_rescorer() -> None:
    """Log once, at the service's start, that a better recognizer is missing."""
    advice = "pip install elms-ivr[whisper], or set rescoring.enabled to false"
    structlog.get_logger("bot").warning("whisper_not_installed", advice=advice)


def log_lesser_voice(advice: str) -> None:
    """Log once, at the service's start, that a clearer voice is missing."""
    structlog.get_logger("bot").warning("hibari_not_installed", advice=advice)


def log_edited_prompts(fault: str) -> None:
    """Log that a call uses the prompt files because the edited prompts cannot be spoken."""
    structlog.get_logger("bot").error("edited_prompts_refused", fault=fault)


def log_missing_words(model: Path, words: Sequence[str]) -> None:
    """Log once, at the service's start, which words of its grammars the acoustic model lacks."""
    advice = f"elms-ivr model check {model}"
    structlog.get_logger("bot").error("words_unknown_to_model", words=list(words), advice=advice)
