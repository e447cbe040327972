"""Audit rows in the words of people: what was done, by whom, to what, and with which facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from server.pages import words
from server.services.audit import Action
from server.services.notice_changes import WEEKDAYS

ACTIONS: dict[Action, str] = {
    "account.opened": "Opened an account from a call",
    "call.closed": "Chose the outcome of a call",
    "call.noted": "Wrote a note about a call",
    "call.stored": "Stored a call",
    "call.taken": "Took a call",
    "call_back.done": "Called back",
    "call_back.promised": "Promised a call-back",
    "calls.invented": "Invented calls for the demonstration",
    "database.backed_up": "Backed up the database",
    "database.restored": "Restored the database from a backup",
    "database.seeded": "Filled the demonstration",
    "file.imported": "Imported a file",
    "holiday.added": "Added a closed day",
    "holiday.removed": "Removed a closed day",
    "hours.set": "Set the office hours",
    "pace.set": "Set the pace of speech",
    "password.set": "Set an account’s password",
    "phone.unlocked": "Unlocked the telephone",
    "pin.changed": "Changed a PIN",
    "pin.checked": "Checked a PIN",
    "pin.set": "Set a PIN",
    "prompt.edited": "Edited a prompt",
    "prompt.restored": "Restored a prompt’s original texts",
    "record.exported": "Exported an educator’s data",
    "record.removed": "Removed an educator",
    "reset.started": "Started the reset of a PIN",
    "retention.purged": "Removed old records",
    "sign-in.failed": "Failed to sign in",
    "sign-in.succeeded": "Signed in",
    "unlock.without-lock": "Asked to unlock a telephone that was not locked",
    "user.added": "Added an account",
    "user.disabled": "Disabled an account",
    "user.enabled": "Enabled an account",
    "user.linked": "Linked an account to the single sign-on",
    "user.password-replaced": "Replaced an account’s password",
    "user.password-set": "Changed their own password",
    "user.role-set": "Changed an account’s role",
    "user.signed-out": "Signed an account out everywhere",
    "user.unlinked": "Unlinked an account from the single sign-on",
    "weeks.set": "Set the weeks being processed",
}
ACTORS = {"bot": "Telephone service", "operator": "Operator of the service", "web": "Web pages"}
SUBJECTS = {
    "database": "The database",
    "service": "The telephone service",
    "user:unknown": "An unknown account",
    "educator:unknown": "An unknown license number",
}
RESULTS = {
    "pending": "Not checked to the end",
    "verified": "Right",
    "wrong": "Wrong",
    "unknown": "Unknown license number",
    "no-pin": "No PIN was set",
    "locked": "The telephone was locked",
    "over-budget": "Too many wrong PINs",
}


def day(text: str) -> str:
    """A day of the calendar as December 5, 2022."""
    found = date.fromisoformat(text)
    return f"{found:%B} {found.day}, {found.year}"


def _plain(value: Any) -> str:
    return str(value)


def _days(numbers: list[int]) -> str:
    return ", ".join(WEEKDAYS[number] for number in numbers)


FACTS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "attempt": ("Attempt", _plain),
    "attempts": ("PIN checks removed", _plain),
    "audit": ("Audit rows removed", _plain),
    "call": ("Call", _plain),
    "call_backs": ("Call-backs removed", _plain),
    "calls": ("Calls", _plain),
    "changed": ("Changed", _plain),
    "channel": ("Where", words.plain),
    "closes": ("Closes", words.clock),
    "confidence": ("Lowest confidence", lambda bucket: bucket.replace("-", " to ")),
    "disposition": ("Outcome", _plain),
    "earliest": ("From", words.clock),
    "educators": ("Educators", _plain),
    "how": ("How", words.plain),
    "latest": ("To", words.clock),
    "linked": ("Linked", _plain),
    "locked": ("Telephone locked", _plain),
    "mode": ("How entered", words.mode),
    "modes": ("How entered", lambda modes: ", ".join(map(words.mode, modes))),
    "new": ("New", _plain),
    "on": ("Day", day),
    "opens": ("Opens", words.clock),
    "other": ("All other applications, week of", day),
    "outcome": ("Outcome", words.outcome),
    "pace": ("Pace", words.plain),
    "reason": ("Reason", words.plain),
    "renewal": ("Renewal applications, week of", day),
    "result": ("Result", lambda code: RESULTS.get(code, words.plain(code))),
    "role": ("Role", words.plain),
    "rows": ("Rows", _plain),
    "sha256": ("Checksum of the file", lambda digest: f"{digest[:12]}…"),
    "unchanged": ("As they were", _plain),
    "verified": ("Verified", _plain),
    "version": ("Version", _plain),
    "weekdays": ("Days", _days),
}


def action(code: str) -> str:
    """Return the words for the action."""
    return next((said for known, said in ACTIONS.items() if known == code), words.plain(code))


def who(actor: str, names: Mapping[str, str]) -> str:
    """Return the words for the actor; ``names`` are of accounts and educators in these rows."""
    return names.get(actor) or ACTORS.get(actor) or _numbered(actor)


def subject(code: str, names: Mapping[str, str]) -> str:
    """Return the words for the subject."""
    if code.startswith("prompt:"):
        form, _, event = code.removeprefix("prompt:").partition(".")
        return f"{words.field(form)}: {words.event(event).lower()}"
    return names.get(code) or SUBJECTS.get(code) or _numbered(code)


def facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values; what is not known is left out."""
    return [_fact(name, value) for name, value in found.items() if value not in (None, [])]


def _fact(name: str, value: Any) -> tuple[str, str]:
    said, write = FACTS.get(name, (words.plain(name), _plain))
    if isinstance(value, bool):
        return said, "Yes" if value else "No"
    try:
        return said, write(value)
    except (TypeError, ValueError, AttributeError, IndexError):
        return said, str(value)


_KINDS = {"user": "Account", "educator": "Educator", "call": "Call"}


def _numbered(code: str) -> str:
    found = re.fullmatch(r"(\w+):(.+)", code)
    if found is None:
        return words.plain(code)
    return f"{_KINDS.get(found[1], words.plain(found[1]))} {found[2]}"
