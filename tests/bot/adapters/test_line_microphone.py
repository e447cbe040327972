"""A sound device that stops in the middle of a call: it is started again, or the call ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from bot.adapters import line_microphone
from bot.adapters.line_microphone import MicrophoneLine
from bot.errors import DeviceError
from bot.types import Hangup

pytestmark = pytest.mark.unit


class Stream:
    """A stream that ends when it is told to, or by itself with ``stopped``."""

    def __init__(self, stopped: Callable[[], None]) -> None:
        self.stopped = stopped

    def start(self) -> None:
        """Nothing sounds."""

    def stop(self) -> None:
        """As PortAudio does, whoever ends it."""
        self.stopped()

    def close(self) -> None:
        """Nothing is held."""


class Device:
    """Stands for the sounddevice module, with one device that can be pulled out."""

    PortAudioError = OSError

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.gone = False

    def RawStream(self, finished_callback: Callable[[], None], **_: object) -> Stream:
        """A new stream; the name is sounddevice's."""
        if self.gone:
            raise OSError("no such device")
        self.streams.append(Stream(finished_callback))
        return self.streams[-1]

    async def stops(self) -> None:
        """The stream ends by itself."""
        self.streams[-1].stopped()
        await asyncio.sleep(0)


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    found = Device()
    monkeypatch.setattr(line_microphone, "load_sounddevice", lambda: found)
    return found


async def ends(line: MicrophoneLine) -> bool:
    """Whether all that comes is that the caller is gone."""
    return [type(event) async for event in line.events()] == [Hangup]


def test_a_device_that_stops_by_itself_is_restarted(device: Device) -> None:
    async def call() -> None:
        line = MicrophoneLine()
        line.open()
        await device.stops()
        assert len(device.streams) == 2

    asyncio.run(call())


def test_a_stream_that_the_call_ended_is_not_restarted(device: Device) -> None:
    async def call() -> None:
        line = MicrophoneLine()
        line.open()
        await line.hangup()
        await asyncio.sleep(0)
        assert len(device.streams) == 1
        assert await ends(line)

    asyncio.run(call())


def test_a_device_that_disappears_ends_the_call(device: Device) -> None:
    async def call() -> None:
        line = MicrophoneLine()
        line.open()
        device.gone = True
        await device.stops()
        assert await ends(line)

    asyncio.run(call())


def test_a_device_that_keeps_stopping_ends_the_call(device: Device) -> None:
    async def call() -> None:
        line = MicrophoneLine()
        line.open()
        for _ in range(5 + 1):
            await device.stops()
        assert await ends(line)

    asyncio.run(call())


def test_devices_are_listed_with_their_numbers(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = {"name": "Sound", "max_input_channels": 1, "max_output_channels": 2}
    monkeypatch.setattr(device, "query_devices", lambda: [sound], raising=False)
    assert line_microphone.devices() == ["  0  Sound  in 1  out 2"]


def test_a_computer_without_a_device_says_so(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "query_devices", list, raising=False)
    with pytest.raises(DeviceError, match="no sound device; `elms-ivr text` needs none"):
        line_microphone.devices()
