"""The bot's own words and voice, asked by its command line: server and bot share no code.

``elms-ivr prompts`` knows how texts are read aloud and which rules they break; ``elms-ivr say`` has
the voice of the calls (decision 29).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from pydantic import BaseModel, ConfigDict, ValidationError

from server.errors import RuleError, VoiceAwayError

COMMAND = (sys.executable, "-m", "bot")
PATIENCE_S = 35.0
QUEUE_S = 25.0
"""For the command, and for the one before it; together less than a proxy waits for a page."""
TRY_AGAIN = 75
"""The command's exit status if its speech engine did not respond (``EX_TEMPFAIL``)."""
STARTING = "The voice is still starting, or this machine is busy. Please try again in a moment."
SETTINGS = "ELMS_SERVER_"
WARM_UP = "goodbye.goodbye"
_one_at_a_time = Lock()
"""The voice takes a core for a second or two, which calls on this machine need as well."""


class Heard(BaseModel):
    """One text of a prompt, and how it is read aloud with sample values."""

    model_config = ConfigDict(frozen=True)

    text: str
    heard: str
    seconds: float


class Prompt(BaseModel):
    """One prompt of the bot."""

    model_config = ConfigDict(frozen=True)

    key: str
    file: str
    slots: dict[str, str]
    texts: tuple[Heard, ...]


class Prompts(BaseModel):
    """All prompts, and every rule that one of them breaks, as lines that begin with its key."""

    model_config = ConfigDict(frozen=True)

    prompts: tuple[Prompt, ...]
    findings: tuple[str, ...]

    def of(self, key: str) -> Prompt | None:
        """One prompt, if it exists."""
        return next((each for each in self.prompts if each.key == key), None)

    def findings_of(self, key: str) -> list[str]:
        """The rules that one prompt breaks."""
        return [line for line in self.findings if line.startswith((f"{key} ", f"{key}:"))]


@dataclass(frozen=True, slots=True)
class Announcement:
    """The next caller's prompt: the words that the voice gets, and their sound (WAV)."""

    heard: str
    sound: bytes


@dataclass(frozen=True, slots=True)
class Voice:
    """The bot's command line."""

    command: Sequence[str] = COMMAND
    _warmed: Lock = field(default_factory=Lock, compare=False)
    """Taken by the first who warms it, and kept."""

    def warm(self) -> Thread | None:
        """Load the voice's files in the background, once, so that the first preview is quick."""
        if not self._warmed.acquire(blocking=False):
            return None
        started = Thread(target=self._speak_unheard, name="voice", daemon=True)
        started.start()
        return started

    def _speak_unheard(self) -> None:
        with suppress(RuleError):
            self.announcement([WARM_UP], {})

    def prompts(self, changes: Mapping[str, Sequence[str]]) -> Prompts:
        """All prompts with some texts changed. Raises RuleError for a text that cannot be said,
        and VoiceAwayError."""
        sent = json.dumps({key: list(texts) for key, texts in changes.items()})
        answer = self._run(["prompts", "--json", "--changes", "-"], sent)
        try:
            return Prompts.model_validate_json(answer)
        except ValidationError:
            raise VoiceAwayError("The telephone service gave an unexpected answer.") from None

    def speech(self, key: str, text: str) -> bytes:
        """One text in the voice of the calls, as WAV. Raises RuleError and VoiceAwayError."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            self._run(["say", key, "--text", text, "--example", "--out", str(file)])
            return file.read_bytes()

    def announcement(
        self,
        said: Sequence[str],
        changes: Mapping[str, Sequence[str]],
        settings: Mapping[str, str] | None = None,
    ) -> Announcement:
        """Prompts, each with its ``slot=value``, as they would be heard. Raises RuleError.

        ``changes`` are edited texts, ``settings`` variables of the bot in place of its own.
        """
        sent = json.dumps({key: list(texts) for key, texts in changes.items()})
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "said.wav"
            arguments = ["say", *said, "--changes", "-", "--heard", "--out", str(file)]
            heard = self._run(arguments, sent, settings)
            return Announcement(" ".join(heard.split()), file.read_bytes())

    def _run(
        self, arguments: Sequence[str], sent: str = "", settings: Mapping[str, str] | None = None
    ) -> str:
        if not _one_at_a_time.acquire(timeout=QUEUE_S):
            raise VoiceAwayError(STARTING)
        try:
            done = subprocess.run(  # noqa: S603 - our own program; no shell reads the text
                [*self.command, *arguments],
                input=sent,
                env=_environment() | dict(settings or {}),
                capture_output=True,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise VoiceAwayError(STARTING) from None
        except OSError:
            raise VoiceAwayError("The telephone service cannot be run on this machine.") from None
        finally:
            _one_at_a_time.release()
        if done.returncode == TRY_AGAIN:
            raise VoiceAwayError(STARTING)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it says nothing"]
            raise RuleError(lines[-1].removeprefix("elms-ivr: "))
        return done.stdout


def _environment() -> dict[str, str]:
    """The environment without the server's settings, which may hold its secrets."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
