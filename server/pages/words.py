"""Codes of calls and turns as words for people; an unknown code is shown without underscores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time

OUTCOME = {
    "completed": "Completed",
    "transferred": "Handed over",
    "gave-up": "Gave up",
    "hangup": "Caller hung up",
    "closed": "Office closed",
    "call-back": "To be called back",
    "failed": "Failed",
}
FIELD = {
    "license_number": "License number",
    "license_number_digit": "Missing digit of the license number",
    "pin": "Educator PIN",
    "yesno": "Read-back, yes or no",
    "menu": "Menu",
    "information": "General information",
    "offer": "Offer of a representative",
    "call_back_number": "Number to call back",
    "call_back_number_rest": "Rest of the number to call back",
    "call_back_number_digit": "Missing digit of the number to call back",
    "call_back_time": "When to call back",
    "backend": "Our records",
}
RESULT = {
    "match": "Understood",
    "nomatch": "Not understood",
    "noinput": "Nothing said",
    "hangup": "Caller hung up",
    "refused": "Refused: not the account’s PIN",
    "unchecked": "Not checked",
}
MODE = {"voice": "Spoken", "dtmf": "Keyed", "mixed": "Spoken and keyed"}
DECISION = {
    "accept": "Accepted",
    "confirm": "Read back",
    "complete": "Asked for the missing digit",
    "retry": "Asked again",
    "keypad": "Asked to use the keypad",
    "give-up": "Gave up",
    "event": "Did as asked",
}
EVENT = {
    "ask": "The question",
    "again": "The question, asked again",
    "noinput": "When nothing is said",
    "nomatch": "When it is not understood",
    "help": "Help",
    "confirm": "Read-back",
    "check": "Check after a refused PIN",
    "gap": "A digit is missing",
    "partial": "Several digits are missing",
}
WANTED = {
    "status": "Application status",
    "activity": "Account activity",
    "renewal": "Renewal information",
    "hours": "Hours and address",
    "processing": "Processing time",
    "apply": "How to apply",
    "documents": "Transcripts and scores",
    "pin": "License number and PIN",
    "no_number": "Where the license number is found",
    "no_pin": "How to set a PIN",
    "representative": "A representative",
    "goodbye": "To end the call",
}
HEARD = {"[interrupted]": "(interrupted)", "[not kept]": "(not kept)"}
"""Marks in what was heard: bot/calls/heard.py writes them."""
_AT = {
    "license_number": "the license number",
    "license_number_digit": "a missing digit of the license number",
    "pin": "the PIN",
    "yesno": "a read-back",
    "menu": "the menu",
    "information": "general information",
    "offer": "the offer of a representative",
    "call_back_number": "the number to call back",
    "call_back_time": "the time of a call-back",
}
REASON = (
    (r"caller asked|asked", "The caller asked for a representative"),
    (r"could not understand (?P<at>\w+)", "We could not understand {at}"),
    (r"no license number at hand", "The caller had no license number at hand"),
    (r"no PIN at hand", "The caller had no PIN at hand"),
    (r"three PINs that were not right", "Three PINs were refused"),
    (r"records could not be reached", "Our records could not be reached"),
    (r"caller left at (?P<at>\w+)", "The caller hung up at {at}"),
    (r"caller said goodbye at (?P<at>\w+)", "The caller said goodbye at {at}"),
    (r"caller said nothing at (?P<at>\w+)", "The caller said nothing at {at}"),
    (r"caller said goodbye|goodbye", "The caller said goodbye"),
    (r"no further question", "The caller had no further question"),
    (r"nobody could take the call", "Nobody could take the call"),
    (r"caller wanted no call back", "The caller wanted no call-back"),
    (r"caller waits for a representative", "The caller waits for a representative"),
    (r"office closed", "The office was closed"),
    (r"fault .*|error\..*", "A fault ended the automated part of the call"),
)


def _said(words: Mapping[str, str], code: str | None) -> str:
    return words.get(code, plain(code)) if code else ""


def plain(code: str) -> str:
    """A code that has no words of its own: first letter in upper case, no underscores."""
    words = code.replace("_", " ")
    return words[:1].upper() + words[1:]


def outcome(code: str | None) -> str:
    """Say how a call ended."""
    return _said(OUTCOME, code)


def field(code: str | None) -> str:
    """A question of the dialog."""
    return _said(FIELD, code)


def event(code: str | None) -> str:
    """A prompt of a question."""
    return _said(EVENT, code)


def result(code: str | None) -> str:
    """Say what came of a turn."""
    return _said(RESULT, code)


def mode(code: str | None) -> str:
    """Say how an entry was made."""
    return _said(MODE, code)


def decision(code: str | None) -> str:
    """Say what the dialog did with an entry."""
    return _said(DECISION, code)


def wanted(code: str | None) -> str:
    """Say what the caller chose last."""
    return _said(WANTED, code)


def reason(text: str | None) -> str:
    """Say why a call ended or was handed over, from the bot's own words."""
    for pattern, words in REASON:
        found = re.fullmatch(pattern, text or "")
        if found:
            at = found.groupdict().get("at", "")
            return words.format(at=_AT.get(at, "the question “" + plain(at) + "”"))
    return plain(text or "")


def duration(ms: int) -> str:
    """A length of time in minutes and seconds."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def aloud(text: str) -> str:
    """Return what was heard, with the bot's marks in readable form."""
    for mark, words in HEARD.items():
        text = text.replace(mark, words)
    return text


def clock(at: str) -> str:
    """Format a time of day such as 08:00 as 8 a.m."""
    told = time.fromisoformat(at)
    if told == time(12):
        return "noon"
    minutes = f":{told.minute:02}" if told.minute else ""
    return f"{told.hour % 12 or 12}{minutes} {'a.m.' if told.hour < 12 else 'p.m.'}"


FILTERS = {
    "clock": clock,
    "aloud": aloud,
    "outcome_words": outcome,
    "field_words": field,
    "event_words": event,
    "result_words": result,
    "mode_words": mode,
    "decision_words": decision,
    "wanted_words": wanted,
    "reason_words": reason,
    "duration": duration,
}
