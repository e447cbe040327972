"""In-band keys on real recordings: dialed calls are read, speech presses no key (talk-off)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.audio.files import read_audio
from bot.tones.dtmf_detector import find_tones

pytestmark = [pytest.mark.audio, pytest.mark.shared]

REAL_TONES = "oog_dev_070.flac"
"""A clip of oog_dev/ that is four DTMF keys."""

HARDER_THAN_Q24 = {
    "one_distorted.wav": "half of the energy is outside the two tones",
    "testNoise.wav": "noise as loud as the tones",
    "1n.wav": "5 dB of noise, clipped",
    "a-8kHz.wav": "key A",
    "b-8kHz.wav": "key B",
}


def keys_in(path: Path) -> str:
    return "".join(tone.key for tone in find_tones(read_audio(path)))


@pytest.mark.parametrize("folder", ["background", "oog_dev", "dev_sentences", "dev_words"])
def test_speech_presses_no_key(shared_dir: Path, folder: str) -> None:
    files = sorted((shared_dir / "audio" / folder).rglob("*.flac"))
    assert len(files) > 40
    pressed = {file.name for file in files if keys_in(file)}
    assert pressed - {REAL_TONES} == set()


def test_labeled_dialing_is_read(shared_dir: Path) -> None:
    folder = shared_dir / "audio" / "dtmf"
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].endswith(".wav")]
    wrong = {}
    for row in rows:
        if row["file"] in HARDER_THAN_Q24:
            continue
        keys = keys_in(folder / row["file"])
        labeled = row["digits"].rstrip("ABCD")
        # A file of one second of one key holds it four times; both calls begin under a dial tone.
        expected = {labeled, labeled * 4, labeled[1:]} if row["digits"] else {""}
        if keys not in expected:
            wrong[row["file"]] = keys
    assert wrong == {}
