"""Writes a call's audio, record, and page side by side."""

from __future__ import annotations

from pathlib import Path

from bot.atomic_file import write_whole
from bot.calls.call import EndedCall
from bot.errors import SettingsError
from bot.records import CALL
from bot.reports import call_page
from bot.reports.wording import Wording


def write_call(ended: EndedCall, folder: Path, wording: Wording, name: str | None = None) -> Path:
    """Write NAME.wav (caller left, reply right), NAME.json, and NAME.html; return the page's path.

    Raises SettingsError if the folder cannot be written.
    """
    try:
        return _write(ended, folder, wording, name or ended.record.call_id)
    except OSError as error:
        raise SettingsError(
            f"{folder}: cannot write the call's files ({error.strerror}); choose another folder"
        ) from None


def _write(ended: EndedCall, folder: Path, wording: Wording, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / name
    wav = stem.with_suffix(".wav")
    muted: tuple[tuple[int, int], ...] = ()
    if ended.recorder is not None:
        ended.recorder.write(wav)
        muted = tuple(ended.recorder.muted)
    record = CALL.dump_json(ended.record, indent=2)
    write_whole(stem.with_suffix(".json"), record, private=True)
    page = stem.with_suffix(".html")
    audio = wav.read_bytes() if ended.recorder is not None else None
    call_page.write(page, ended.record, ended.trace.events, audio, wording, muted)
    return page
