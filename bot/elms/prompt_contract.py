"""Everything that a call may say, with the values that each prompt gets.

Prompt files are checked against this before the first call: otherwise the first caller to get there
would find a missing key, or a slot without a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.elms.announcements import EVENTS, NAMED, STATUSES, WITH_SUBJECT
from bot.numerals import BLANK
from bot.types import Value

_QUESTION = ("ask", "noinput", "nomatch", "help")
_RETRY = ("noinput", "nomatch", "help")
_DAY = date(2022, 6, 6)
_NUMBER: Mapping[str, Value] = {"number": "421903"}
_APPLICATION: Mapping[str, Value] = {
    "received": _DAY,
    "letter_sent": _DAY,
    "document": "official transcripts",
    "document_received": _DAY,
    "class": "A",
    "issued": _DAY,
    "valid_through": _DAY,
}
_LICENSE: Mapping[str, Value] = {"class": "A", "type": "renewal", "valid_through": _DAY}
_ACTIVITY: Mapping[str, Value] = {"date": _DAY}
_NOTHING: Mapping[str, Value] = {}
_FOLLOWING = (
    *("NONE", "UNKNOWN", "not_reached", "reached", "correspondence", "waited_one", "allow"),
    *("overdue", "letter", "back_to_review", "credentials"),
)
_FACTS = (
    *("address", "mail", "telephone", "processing", "not_reached", "apply", "apply_documents"),
    *("transcripts", "scores", "presence", "renewal", "renewal_class_a", "renewal_other"),
)


def _each(
    names: tuple[str, ...], form: str, values: Mapping[str, Value]
) -> dict[str, Mapping[str, Value]]:
    return {f"{form}.{name}": values for name in names}


def _named(status: str) -> Mapping[str, Value]:
    """Values that the sentence of a status always gets."""
    return {"type": "renewal", **{name: _APPLICATION[name] for name in NAMED.get(status, ())}}


_PARTS: Mapping[str, Value] = {"number": "601555"}
CALL_BACK: Mapping[str, Mapping[str, Value]] = {
    **_each(
        ("nobody", "offer", "offer_closed", "no_such_number", "please_hold", "not_wanted"),
        "call_back",
        _NOTHING,
    ),
    "call_back.own_number": {"last": "0142"},
    "call_back.promised": {"earliest": "08:00", "latest": "17:30"},
    **_each((*_QUESTION, "too_many"), "call_back_number", _NOTHING),
    "call_back_number.confirm": {"number": "6015550142"},
    "call_back_number.partial": _PARTS,
    "call_back_number.gap": {"number": f"60{BLANK}5550142"},
    **_each(_QUESTION, "call_back_number_rest", {"missing": 3}),
    "call_back_number_rest.confirm": {"number": "142"},
    **_each(_QUESTION, "call_back_number_digit", {"place": 3}),
    "call_back_number_digit.confirm": {"number": "1"},
    **_each(_QUESTION, "call_back_time", _NOTHING),
}
"""Prompts of a call that resumes after nobody could take it."""

SAID: Mapping[str, Mapping[str, Value]] = {
    **_each(("welcome", "closed", "anytime"), "greeting", _NOTHING),
    **_each(("slower", "louder", "faster", "wait", "one_moment", "tty"), "universals", _NOTHING),
    **_each(("closed", "hours", "instead"), "office", _NOTHING),
    "office.closed_today": {"weekday": "Tuesday", "day": _DAY},
    **_each((*_QUESTION, "more", *_FACTS), "information", _NOTHING),
    "information.holiday": {"day": _DAY},
    **_each(("where", "none_yet"), "no_number", _NOTHING),
    **_each(("steps", "reset"), "no_pin", _NOTHING),
    **_each(_QUESTION, "offer", _NOTHING),
    **_each(("retry", "unavailable"), "backend", _NOTHING),
    **_each(("connecting", "told"), "transfer", _NOTHING),
    **_each(("fault", "leaving"), "apology", _NOTHING),
    "goodbye.goodbye": _NOTHING,
    **_each((*_QUESTION, "again", "too_many"), "license_number", {"length": 6}),
    **_each(("confirm", "partial", "check"), "license_number", _NUMBER),
    "license_number.gap": {"number": f"42{BLANK}903"},
    **_each(_QUESTION, "license_number_rest", {"missing": 3}),
    "license_number_rest.confirm": {"number": "903"},
    **_each(_QUESTION, "license_number_digit", {"place": 3}),
    "license_number_digit.confirm": {"number": "1"},
    **_each(_RETRY, "yesno", _NOTHING),
    **_each((*_QUESTION, "again", "heard"), "pin", _NOTHING),
    **_each(("not_verified", "refused"), "login", _NOTHING),
    **_each(_QUESTION, "menu", _NOTHING),
    **CALL_BACK,
    **{f"status.{code}": _named(code) for code in STATUSES},
    "status.still_needed": {"still_needed": ("official transcripts",)},
    **_each(_FOLLOWING, "status", _NOTHING),
    "status.waited": {"weeks": 7},
    **_each(("other_open", "others_open"), "status", {"types": ("renewal", "name change")}),
    "license.may_reinstate": _NOTHING,
    **_each(("queue_renewal", "queue_other"), "status", {"week": _DAY}),
    **_each(("valid", "expiring", "expired"), "license", _LICENSE),
    **_each(("none", "first"), "activity", _NOTHING),
    **_each((*EVENTS, "other"), "activity", _ACTIVITY),
    **_each(WITH_SUBJECT, "activity", {**_ACTIVITY, "subject": "renewal"}),
    **_each(
        ("none", "class_a", "higher_class", "administrator", "not_renewable"), "renewal", _NOTHING
    ),
}
"""By key, an example of every value that the call gives to the prompt."""
