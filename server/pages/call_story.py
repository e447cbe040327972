"""A call as a conversation: what ELMS said, what the caller said or keyed, what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from server.models import Call, Turn

PIN = "pin"
UNCHECKED = "records could not be reached"
"""The reason of a call whose last PIN nobody could check."""
ASKED = {
    "license_number": "asked for the license number",
    "license_number_digit": "asked for the digit that was missing",
    "license_number_rest": "asked for the digits that were missing",
    "pin": "asked for the Educator PIN",
    "yesno": "read the license number back: is that right?",
    "menu": "offered status, activity, renewal, and the end of the call",
}
AGAIN = {"nomatch": "said that it did not understand, and ", "noinput": "heard nothing, and "}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn in words."""

    turn: Turn
    asked: str
    """What the caller heard first; for a call without its words, what ELMS did."""
    unheard: str
    """The part that a barge-in or hangup took back."""
    answer: str
    """The caller's entry, as it may be shown."""
    result: str
    """The turn's result; ``refused`` for a PIN that was understood and not the account's."""


def story(call: Call) -> list[Exchange]:
    """All turns of a call in order."""
    refused = refused_pins(call)
    exchanges: list[Exchange] = []
    before: Turn | None = None
    for turn in call.turns:
        result = refused.get(turn.position, turn.result)
        asked = turn.heard if has_words(call) else f"{_asked(turn, before)}."
        exchanges.append(Exchange(turn, asked or "", turn.unheard or "", _answer(turn), result))
        before = turn
    return exchanges


def has_words(call: Call) -> bool:
    """Return True if the bot reported what was heard; older versions did not."""
    return bool(call.heard) or any(turn.heard or turn.unheard for turn in call.turns)


def refused_pins(call: Call) -> dict[int, str]:
    """Positions of the PINs that were understood and did not open the account.

    Once a PIN is right, no other is asked for: in a verified call the last one was right, and in
    any other call none was.
    """
    understood = [turn.position for turn in call.turns if _is_pin(turn)]
    verified = call.verified or bool((call.handover or {}).get("verified"))
    results = dict.fromkeys(understood[:-1] if verified else understood, "refused")
    if understood and not verified and call.reason == UNCHECKED:
        results[understood[-1]] = "unchecked"
    return results


def _is_pin(turn: Turn) -> bool:
    return turn.field == PIN and turn.result == "match"


def _asked(turn: Turn, before: Turn | None) -> str:
    words = ASKED.get(turn.field, f"asked: {turn.field.replace('_', ' ')}")
    if before is None or before.field != turn.field or turn.attempt == 1:
        return words
    return f"{AGAIN.get(before.result, '')}{words} again"


def _answer(turn: Turn) -> str:
    if turn.result == "noinput":
        return "(silence)"
    if turn.result == "hangup":
        return "(hung up)"
    if turn.field == PIN:
        return "(four digits, which are not stored)" if turn.result == "match" else "(not stored)"
    return turn.utterance or turn.value or "(not stored)"
