"""A laptop's microphone and loudspeaker as a Line, through PortAudio (sounddevice).

The device's callback moves one block each way and wakes the loop once. Without a headset the
line is half duplex: while a reply plays, and shortly after, the microphone delivers silence, so
that the service does not hear itself.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

from bot.audio.files import level_db, to_samples
from bot.errors import DeviceError
from bot.lines.playout_buffer import PlayoutBuffer
from bot.types import KEYS, AudioFrame, Dtmf, Handover, Hangup, LineEvent, Mark

BLOCK_MS = 20
ECHO_TAIL_MS = 300
LATENCY_S = 0.1
"""Smaller values cause dropouts on a busy laptop."""
RESTARTS = 5
"""Number of restarts of a device that stops by itself, as ALSA does on a busy laptop."""

INSTALL = "install it with: apt install libportaudio2 (Debian, Ubuntu) or brew install portaudio"


def load_sounddevice() -> ModuleType:
    """Import sounddevice. Raises DeviceError that says what to install."""
    try:
        import sounddevice  # noqa: PLC0415  importing it needs PortAudio, which others do not
    except OSError:
        raise DeviceError(f"the PortAudio library is missing; {INSTALL}") from None
    return sounddevice  # type: ignore[no-any-return]


def devices() -> list[str]:
    """Return one line per sound device, numbered for ``--input`` and ``--output``.

    Raises DeviceError if there is none.
    """
    found = load_sounddevice().query_devices()
    if not found:
        raise DeviceError("this computer has no sound device; `elms-ivr text` needs none")
    return [
        f"{number:3d}  {one['name']}  in {one['max_input_channels']}  out "
        f"{one['max_output_channels']}"
        for number, one in enumerate(found)
    ]


class MicrophoneLine:
    """Implements bot.interfaces.Line for one call.

    It has many attributes because five of them are the protocol's, and the others are one device's.
    """

    realtime = True
    out_of_band_keys = False
    caller_number: str | None = None
    pbx_id: str | None = None
    resumes: str | None = None
    name = "microphone"

    def __init__(
        self,
        rate: int = 16_000,
        input_device: int | str | None = None,
        output_device: int | str | None = None,
        headset: bool = False,
    ) -> None:
        self.rate = rate
        self.level_db = -100.0
        self._devices = (input_device, output_device)
        self._headset = headset
        self._outgoing = PlayoutBuffer()
        self._lock = threading.Lock()
        self._arrived: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stream: Any = None
        self._restarts = 0
        self._now_ms = 0
        self._played_ms = -ECHO_TAIL_MS

    def open(self) -> None:
        """Start the stream, from inside the event loop. Raises DeviceError."""
        sounddevice = load_sounddevice()
        self._loop = asyncio.get_running_loop()
        try:
            stream = sounddevice.RawStream(
                samplerate=self.rate,
                blocksize=self.rate * BLOCK_MS // 1000,
                device=self._devices,
                channels=1,
                dtype="int16",
                latency=LATENCY_S,
                callback=self._callback,
                finished_callback=self._stopped,
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            raise DeviceError(
                f"no usable sound device ({error}); run `elms-ivr mic --list` to see all devices"
            ) from None
        self._stream = stream

    def press(self, key: str) -> None:
        """Deliver a key of the computer's keyboard as DTMF."""
        if key in KEYS:
            self._arrived.put_nowait(Dtmf(key, self._now_ms))

    def leave(self) -> None:
        """Hang up as the caller."""
        self._arrived.put_nowait(Hangup(self._now_ms))

    async def events(self) -> AsyncIterator[LineEvent]:
        """Yield audio and keys from the device, until somebody hangs up."""
        while True:
            event = await self._arrived.get()
            yield event
            if isinstance(event, Hangup):
                return

    async def send(self, frame: AudioFrame) -> None:
        """Queue reply audio."""
        with self._lock:
            self._outgoing.put(frame.pcm)

    async def mark(self, name: str) -> None:
        """Queue a mark."""
        with self._lock:
            self._outgoing.mark(name)

    async def flush(self) -> int:
        """Drop audio that has not been played yet."""
        with self._lock:
            return self._outgoing.clear() * 500 // self.rate

    async def hangup(self) -> None:
        """Stop the stream."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.stop()
            stream.close()
        self.leave()

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """End the call, since there is nobody to connect to."""
        await self.hangup()

    def _callback(self, heard: Any, played: Any, frames: int, time: Any, status: Any) -> None:
        """On the device's thread: move one block each way, and wake the loop once."""
        with self._lock:
            playing = bool(self._outgoing)
            pcm, marks = self._outgoing.take(frames * 2)
        played[:] = pcm
        assert self._loop is not None  # noqa: S101  open() sets it before the stream starts
        self._loop.call_soon_threadsafe(self._take, bytes(heard), marks, playing)

    def _stopped(self) -> None:
        """On the device's thread: the stream has ended, for any reason."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._restart)

    def _restart(self) -> None:
        """Restart a stream that ended by itself; end the call if the device is gone."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        stream.close()
        self._restarts += 1
        if self._restarts > RESTARTS:
            self.leave()
            return
        try:
            self.open()
        except DeviceError:
            self.leave()

    def _take(self, pcm: bytes, marks: tuple[str, ...], playing: bool) -> None:
        if playing:
            self._played_ms = self._now_ms
        for name in marks:
            self._arrived.put_nowait(Mark(name, self._now_ms))
        self.level_db = level_db(to_samples(pcm))
        if not self._headset and self._now_ms - self._played_ms < ECHO_TAIL_MS:
            pcm = bytes(len(pcm))
        self._arrived.put_nowait(AudioFrame(pcm, self.rate, self._now_ms))
        self._now_ms += BLOCK_MS
