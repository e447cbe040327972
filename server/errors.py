"""Faults of the server, each with a one-line message that a person can act on.

ServerError
├── SettingsError       a setting is wrong, missing, or a placeholder
├── DatabaseError       missing, read-only, locked, or of another version
├── ImportRefusedError  a file is not imported; says why, row by row
├── BusyError           the same request is being processed; try again
└── RuleError           the request breaks a rule; the message is for the person
    ├── PinRefusedError     the PIN is not allowed (S8)
    ├── SignInAwayError     the single sign-on does not respond
    ├── VoiceAwayError      the telephone service's voice is busy, starting, or absent
    └── TooManyError        a budget is used up; says when to try again
"""

from __future__ import annotations

from typing import ClassVar


class ServerError(Exception):
    """Any fault of the server."""


class SettingsError(ServerError):
    """A setting is wrong, missing, or a placeholder outside the demonstration mode."""


class DatabaseError(ServerError):
    """The database is missing, read-only, locked, or of another version."""


class ImportRefusedError(ServerError):
    """A file that is not imported; the message names file and rows, a line for each."""


class BusyError(ServerError):
    """The same request is being processed; try again shortly."""


class RuleError(ServerError):
    """The request breaks a rule; the message is shown to the person.

    ``status`` is that of the page with the message: 422, unless the person could not help it.
    """

    status: ClassVar[int] = 422


class PinRefusedError(RuleError):
    """The PIN is one that many people would guess (S8)."""


class SignInAwayError(RuleError):
    """The provider of the single sign-on does not respond."""


class VoiceAwayError(RuleError):
    """The telephone service's voice is busy, starting, or not on this machine."""

    status = 503


class TooManyError(RuleError):
    """A budget is used up."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
