"""S2 and S3: whole calls with canary PINs leave no trace of them in anything that is written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.audio.files import Audio, Samples, to_pcm
from bot.resources import PROJECT
from bot.tones.dtmf_detector import find_tones
from bot.types import AudioFrame
from tests.support.canary_call import CALLS, file_name
from tests.support.environment import AS_SHIPPED

pytestmark = [pytest.mark.audio, pytest.mark.timeout(1_200)]

CANARIES = ("5827", "9164")
WORDS = ("eight two seven", "fifty eight twenty seven", "nine one six four")
HEX = "0-9a-fA-F"
SOUND = re.compile(rb"data:audio/[^\"']+|\bd=\"[^\"]*\"")
"""A page's sound and its curve: searched by ear, below; among so many numbers any comes up."""


def patterns() -> list[re.Pattern[bytes]]:
    """The canaries as digits (apart from longer numbers and hashes), spaced, and in words."""
    found = []
    for pin in CANARIES:
        found.append(rf"(?<![{HEX}.-]){pin}(?![{HEX}])")
        found.append(rf"(?<![{HEX}.-])({pin}[0-9]{{2}}|[0-9]{{2}}{pin})(?![{HEX}])")
        found.append(r"[\s,.\-\"']+".join(pin))
    found.extend(r"\W+".join(words.split()) for words in WORDS)
    return [re.compile(one.encode()) for one in found]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that these calls wrote."""
    folder = tmp_path_factory.mktemp("canary")
    temporary = folder / "temporary"
    temporary.mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.canary_call", str(folder)],
        cwd=PROJECT,
        env={**os.environ, **AS_SHIPPED, "TMPDIR": str(temporary), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=False,
    )
    (folder / "stdout").write_bytes(ran.stdout)
    (folder / "stderr").write_bytes(ran.stderr)
    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    return folder


def test_every_canary_call_ran_as_expected(written: Path) -> None:
    log = (written / "bot.log").read_text()
    assert log.count('"event": "call"') == len(CALLS)
    assert '"verified": true' in log


@pytest.mark.parametrize(
    ("name", "heard"),
    [
        ("with a command", ["match", "match"]),
        ("in one breath", ["nomatch", "nomatch"]),
        ("and a person", ["nomatch"]),
        ("said then keyed", ["match"]),
        ("twice", ["nomatch"]),
        ("for the last digits", ["nomatch", "match", "nomatch"]),
        ("before the number", ["match"]),
        ("with two digits more", ["match"]),
        ("with zeros", ["match"]),
        ("with one digit more", ["nomatch"]),
        ("said with two digits more", ["match"]),
        ("hung up", ["hangup"]),
    ],
)
def test_the_pin_was_recognized_where_it_was_not_asked_for(
    written: Path, name: str, heard: list[str]
) -> None:
    record = json.loads((written / "out" / f"{file_name(name)}.json").read_text())
    turns = record["turns"][: len(heard)]
    assert [turn["result"] for turn in turns] == heard
    assert all(turn["field"] != "pin" for turn in turns)


def test_no_written_byte_reveals_a_pin(written: Path) -> None:
    files = [path for path in written.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".sqlite3", ".log", ".json", ".html", ".wav"}
    for path in files:
        content = SOUND.sub(b"", path.read_bytes())
        for pattern in patterns():
            assert not pattern.search(content), f"{path.name}: {pattern.pattern!r}"


def test_the_search_finds_a_planted_pin() -> None:
    for text in ("582742", '"value":"425827"'):
        assert any(pattern.search(text.encode()) for pattern in patterns()), text
    for text in ("pin=5827", '"5827"', "5 8 2 7", "five eight two seven", '["5","8","2","7"]'):
        assert any(pattern.search(text.encode()) for pattern in patterns()), text
    for text in ("a15827f0", "1658271", "2022-12-05T16:00:00.158270"):
        assert not any(pattern.search(text.encode()) for pattern in patterns()), text


@pytest.fixture(scope="module")
def recognizer() -> VoskRecognizer:
    return VoskRecognizer(PROJECT / "bot" / "models" / "telephone")


def _sound(samples: Samples, rate: int) -> Samples:
    """All but digital silence, of which half a second stays on each side."""
    half_seconds = np.pad(samples, (0, -len(samples) % (rate // 2))).reshape(-1, rate // 2)
    heard = np.pad(half_seconds.any(axis=1), 1)
    return half_seconds[heard[:-2] | heard[1:-1] | heard[2:]].ravel()


def test_only_digital_silence_is_left_out_of_what_is_heard() -> None:
    said = np.zeros(8_000 * 60, np.int16)
    said[8_000 * 30] = 1
    left = _sound(said, 8_000)
    assert len(left) == 12_000
    assert left.any()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_neither_recognizer_nor_tone_detector_finds_the_pin_in_a_recording(
    written: Path, recognizer: VoskRecognizer, name: str
) -> None:
    samples, rate = soundfile.read(written / "out" / f"{file_name(name)}.wav", dtype="int16")
    caller = np.ascontiguousarray(samples[:, 0])
    keys = "".join(tone.key for tone in find_tones(Audio(caller, rate)))
    assert not any(pin in keys for pin in CANARIES)
    digits = ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    hearing = recognizer.start(digits, rate, 5)
    hearing.accept(AudioFrame(to_pcm(_sound(caller, rate)), rate, 0))
    for heard in hearing.final():
        assert not any(words in " ".join(heard.words) for words in WORDS)
