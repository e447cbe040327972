"""Faults, each with a stable VoiceXML event name and a one-line message a person can act on.

    IvrError                      error
    ├── SettingsError             error.semantic.settings
    ├── GrammarError              error.badfetch.grammar
    ├── PromptError               error.badfetch.prompt
    ├── ScriptError               error.badfetch.script
    ├── AudioError                error.badfetch.audio
    ├── ModelError                error.noresource.model
    ├── RecognitionError          error.noresource.asr
    ├── SynthesisError            error.noresource.tts
    ├── DeviceError               error.noresource.audio
    └── BackendError              error.badfetch.backend
        ├── BackendRefusedError   error.noauthorization
        └── BackendRejectedError  error.badfetch.backend.rejected

Outcomes of a turn (no match, no input, hangup) are values, not faults: see bot.types.
"""

from __future__ import annotations

from typing import ClassVar

LONGEST_MESSAGE = 500
"""Letters of a message; what it quotes may be as long as a file."""


class IvrError(Exception):
    """Any fault of ours; ``str()`` is one line that says what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """A text that a terminal shows on one line, whatever somebody put into a name."""
    if len(text) > LONGEST_MESSAGE:
        text = f"{text[:LONGEST_MESSAGE]}…"
    shown = (
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )
    return "".join(shown)


class SettingsError(IvrError):
    """A setting is unknown, out of range, or contradicts another."""

    code = "error.semantic.settings"


class GrammarError(IvrError):
    """A grammar file is missing, not well-formed, or refers to what is not there."""

    code = "error.badfetch.grammar"


class PromptError(IvrError):
    """A prompt is missing, or has a slot that nobody fills."""

    code = "error.badfetch.prompt"


class ScriptError(IvrError):
    """A replay script cannot be understood."""

    code = "error.badfetch.script"


class AudioError(IvrError):
    """A file is no audio, is cut off, or is of a kind that is not supported."""

    code = "error.badfetch.audio"


class ModelError(IvrError):
    """An acoustic model directory is wrong, incomplete, or lacks words."""

    code = "error.noresource.model"


class RecognitionError(IvrError):
    """The recognizer was asked for something that would end the process."""

    code = "error.noresource.asr"


class SynthesisError(IvrError):
    """Speech could not be made, after a retry."""

    code = "error.noresource.tts"


class DeviceError(IvrError):
    """No microphone, no loudspeaker, or no library for them."""

    code = "error.noresource.audio"


class BackendError(IvrError):
    """The backend is down, slow, or answered what is not in the contract."""

    code = "error.badfetch.backend"


class BackendRefusedError(BackendError):
    """The backend did not accept the bot's own credential."""

    code = "error.noauthorization"


class BackendRejectedError(BackendError):
    """The backend does not take this request, however often it is sent."""

    code = "error.badfetch.backend.rejected"
