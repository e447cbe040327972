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
"""Maximum length of a message, since a quoted text may be as long as a file."""


class IvrError(Exception):
    """Any fault of the bot; ``str()`` is one line that says what to do."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """Make a text safe for one line of a terminal, whatever it quotes."""
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
    """A grammar file is missing, malformed, or has an unresolved reference."""

    code = "error.badfetch.grammar"


class PromptError(IvrError):
    """A prompt is missing, or has an unknown slot."""

    code = "error.badfetch.prompt"


class ScriptError(IvrError):
    """A replay script is invalid."""

    code = "error.badfetch.script"


class AudioError(IvrError):
    """A file is not audio, is truncated, or has an unsupported format."""

    code = "error.badfetch.audio"


class ModelError(IvrError):
    """An acoustic model directory is invalid, incomplete, or lacks words."""

    code = "error.noresource.model"


class RecognitionError(IvrError):
    """The recognizer was asked for something that would crash the process."""

    code = "error.noresource.asr"


class SynthesisError(IvrError):
    """Speech could not be synthesized, even after a retry."""

    code = "error.noresource.tts"


class DeviceError(IvrError):
    """No microphone, no loudspeaker, or no library for them."""

    code = "error.noresource.audio"


class BackendError(IvrError):
    """The backend is down, slow, or violates the contract."""

    code = "error.badfetch.backend"


class BackendRefusedError(BackendError):
    """The backend did not accept the bot's credential."""

    code = "error.noauthorization"


class BackendRejectedError(BackendError):
    """The backend rejects this request permanently."""

    code = "error.badfetch.backend.rejected"
