"""A recorded caller: what is said or keyed, and when, in audio time.

Each action waits until the service has finished speaking (or for a time within its prompt), so that
the same recording works with any prompts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bot.audio.files import Samples, to_pcm, to_samples
from bot.types import Dtmf

When = Literal["prompt-end", "prompt-start", "previous"]

TONE_MS = 90
GAP_MS = 90
_ROWS = (697, 770, 852, 941)
_COLUMNS = (1209, 1336, 1477)
_KEYPAD = ("123", "456", "789", "*0#")


@dataclass(frozen=True, slots=True)
class CallerAction:
    """One action of a caller.

    ``after_ms`` counts from ``when``: the end of the next prompt, its start, or the end of the
    previous action.
    ``pcm`` is played; ``keys`` are pressed as events, or with ``tones`` as audio.
    ``wait_ms`` of silence follow. ``hangup`` ends the call.
    If ``if_heard`` is not found in the words of the question, the action is skipped.
    """

    after_ms: int = 400
    when: When = "prompt-end"
    pcm: bytes = field(default=b"", repr=False)
    keys: str = field(default="", repr=False)
    tones: bool = False
    gap_ms: int = GAP_MS
    wait_ms: int = 0
    hangup: bool = False
    if_heard: re.Pattern[str] | None = None


@dataclass(slots=True)
class _Running:
    """The rest of the current action."""

    pcm: bytes = b""
    keys: list[tuple[int, str]] = field(default_factory=list)
    wait_ms: int = 0
    hangup: bool = False
    entry: bool = False
    acting: bool = False

    def done(self) -> bool:
        return not self.pcm and not self.keys and self.wait_ms <= 0


class SimulatedCaller:
    """Plays actions in order.

    ``heard`` returns the words of the current question. ``left`` becomes True when the caller hangs
    up. ``began_ms`` are the start times of the actions so far, None for skipped ones.
    """

    def __init__(
        self,
        actions: Sequence[CallerAction],
        rate: int,
        noise: bytes = b"",
        heard: Callable[[], str] = str,
    ) -> None:
        self._heard = heard
        self._waiting = list(actions)
        self._rate = rate
        self._noise = noise
        self._noise_at = 0
        self._running = _Running()
        self._heard_prompt = False
        self._prompt_start_ms = 0
        self._quiet_since_ms = 0
        self._finished_ms = 0
        self.left = False
        self.began_ms: list[int | None] = []

    def tick(self, now_ms: int, frame_ms: int, prompt_playing: bool) -> tuple[bytes, list[Dtmf]]:
        """The next ``frame_ms`` of audio and the keys pressed in it."""
        if self._running.done():
            self._finish(now_ms)
        self._follow(now_ms, prompt_playing)
        if self._running.done():
            self._begin(now_ms)
        keys = self._take_keys(now_ms)
        return self._with_noise(self._take_audio(frame_ms)), keys

    def _finish(self, now_ms: int) -> None:
        """After an entry, the caller waits for its reply, not for earlier prompts."""
        self.left = self.left or self._running.hangup
        if self._running.acting:
            self._finished_ms = now_ms
        if self._running.entry:
            self._heard_prompt = False
        self._running = _Running()

    def _follow(self, now_ms: int, prompt_playing: bool) -> None:
        if prompt_playing and not self._heard_prompt:
            self._heard_prompt = True
            self._prompt_start_ms = now_ms
        if prompt_playing:
            self._quiet_since_ms = now_ms

    def _begin(self, now_ms: int) -> None:
        while self._waiting:
            action = self._waiting[0]
            since_ms = self._since_ms(action.when)
            if since_ms is None or now_ms - since_ms < action.after_ms:
                return
            self._waiting.pop(0)
            if action.if_heard is None or action.if_heard.search(self._heard()):
                self.began_ms.append(now_ms)
                self._running = self._start(action, now_ms)
                return
            self.began_ms.append(None)

    def _since_ms(self, when: When) -> int | None:
        """The time from which an action counts; None if not reached yet."""
        if when == "previous":
            return self._finished_ms
        if not self._heard_prompt:
            return None
        return self._prompt_start_ms if when == "prompt-start" else self._quiet_since_ms

    def _start(self, action: CallerAction, now_ms: int) -> _Running:
        pcm = action.pcm
        keys: list[tuple[int, str]] = []
        if action.tones:
            pcm += b"".join(key_tone(k, self._rate, gap_ms=action.gap_ms) for k in action.keys)
        else:
            step = TONE_MS + action.gap_ms
            keys = [(now_ms + i * step, key) for i, key in enumerate(action.keys)]
        entry = bool(pcm or keys)
        return _Running(pcm, keys, action.wait_ms, action.hangup, entry, acting=True)

    def _take_keys(self, now_ms: int) -> list[Dtmf]:
        due = [key for at_ms, key in self._running.keys if at_ms <= now_ms]
        self._running.keys = self._running.keys[len(due) :]
        return [Dtmf(key, now_ms) for key in due]

    def _take_audio(self, frame_ms: int) -> bytes:
        size = self._rate * frame_ms // 1000 * 2
        pcm, self._running.pcm = self._running.pcm[:size], self._running.pcm[size:]
        if not pcm and not self._running.keys:
            self._running.wait_ms -= frame_ms
        return pcm.ljust(size, b"\0")

    def _with_noise(self, pcm: bytes) -> bytes:
        if not self._noise:
            return pcm
        size = len(pcm)
        piece = self._noise[self._noise_at : self._noise_at + size]
        while len(piece) < size:
            piece += self._noise[: size - len(piece)]
        self._noise_at = (self._noise_at + size) % len(self._noise)
        mixed = to_samples(pcm).astype(np.int32) + to_samples(piece).astype(np.int32)
        return to_pcm(np.clip(mixed, -32768, 32767).astype(np.int16))


def key_tone(key: str, rate: int, tone_ms: int = TONE_MS, gap_ms: int = GAP_MS) -> bytes:
    """A DTMF tone pair (ITU-T Q.23) and the pause after it, 16-bit PCM."""
    row = next(i for i, keys in enumerate(_KEYPAD) if key in keys)
    column = _KEYPAD[row].index(key)
    time = np.arange(rate * tone_ms // 1000) / rate
    tone: Samples = (
        6000.0
        * (np.sin(2 * np.pi * _ROWS[row] * time) + np.sin(2 * np.pi * _COLUMNS[column] * time))
    ).astype(np.int16)
    return to_pcm(tone) + bytes(rate * gap_ms // 1000 * 2)
