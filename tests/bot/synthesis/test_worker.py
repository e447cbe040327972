"""What happens to a sentence on its way: cleaned, cut, trimmed, leveled, kept, apologized for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.files import Samples, level_db, to_samples
from bot.audio.loudness import leveled, trim
from bot.errors import SynthesisError
from bot.synthesis.cache import SpeechCache, cache_key
from bot.synthesis.fallback import ResilientSynthesizer, apology
from bot.synthesis.silent import NullSynthesizer
from bot.synthesis.warm_up import warm_up
from bot.synthesis.worker import clean, speech, split_text
from bot.types import Say, Segment, Silence
from tests.support.speech_engines import RATE, Silent, Tone

pytestmark = pytest.mark.unit


# -- text -------------------------------------------------------------------------------------


@given(st.text(max_size=60))
def test_no_markup_reaches_an_engine(text: str) -> None:
    assert not set(clean(text)) & set("<>[]{}()/|&\\\x00\n")


@given(st.text(alphabet="ab ,.", max_size=200), st.integers(5, 50))
def test_long_text_is_cut_into_pieces_that_lose_no_word(text: str, longest: int) -> None:
    pieces = list(split_text(clean(text), longest))
    assert all(0 < len(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(clean(text).split())


def test_long_text_is_cut_where_a_speaker_would_pause() -> None:
    assert list(split_text("One, two. Three, four five", 20)) == ["One, two.", "Three, four five"]
    assert list(split_text("One, two three four", 12)) == ["One,", "two three", "four"]


def test_a_sentence_of_any_length_is_spoken_completely() -> None:
    text = "word " * 300
    pcm = speech(Tone(), text, RATE, 100)
    assert len(pcm) // 2 > 0.95 * RATE * len(text) * 20 / 1000


def test_text_without_a_word_gives_no_audio() -> None:
    assert speech(Tone(), " <> ", 8_000, 100) == b""


def test_an_engine_that_falls_silent_is_a_fault() -> None:
    with pytest.raises(SynthesisError, match="no audio"):
        speech(Silent(), "Hello.", 8_000, 100)


# -- levels -----------------------------------------------------------------------------------


def tone(ms: int, level: float, rate: int = 8_000) -> Samples:
    times = np.arange(rate * ms // 1000) / rate
    return (level * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


def test_silence_at_both_ends_is_shortened() -> None:
    quiet = np.zeros(8_000, np.int16)
    trimmed = trim(np.concatenate([quiet, tone(500, 8_000), quiet]), 8_000)
    assert 500 <= len(trimmed) / 8 <= 540
    assert abs(int(trimmed[0])) < 100
    assert abs(int(trimmed[-1])) < 100


def test_pauses_inside_a_sentence_stay() -> None:
    parts = [tone(200, 8_000), np.zeros(1_600, np.int16), tone(200, 8_000)]
    assert len(trim(np.concatenate(parts), 8_000)) / 8 == pytest.approx(600, abs=40)


@pytest.mark.parametrize("length", [0, 1, 39, 40, 8_000])
def test_digital_silence_is_trimmed_to_nothing(length: int) -> None:
    assert len(trim(np.zeros(length, np.int16), 8_000)) == 0


@pytest.mark.parametrize("level", [30, 1_000, 32_000])
def test_quiet_and_loud_voices_get_the_same_level(level: int) -> None:
    assert level_db(leveled(tone(500, level))) == pytest.approx(-19.0, abs=0.2)


@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=200))
def test_no_peak_exceeds_the_limit(values: list[int]) -> None:
    peak = np.abs(leveled(np.array(values, np.int16)).astype(np.int32)).max()
    assert peak <= 32_768 * 10 ** (-1.0 / 20)


def test_silence_is_not_amplified() -> None:
    assert not leveled(np.zeros(100, np.int16)).any()
    assert len(leveled(np.zeros(0, np.int16))) == 0


# -- cache ------------------------------------------------------------------------------------


def test_public_audio_is_shared_between_processes(tmp_path: Path) -> None:
    SpeechCache(tmp_path).put("key", b"\1\2", private=False)
    assert SpeechCache(tmp_path).get("key") == b"\1\2"


def test_private_audio_is_never_written_to_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = SpeechCache(folder)
    cache.put("key", b"\1\2", private=True)
    assert cache.get("key") == b"\1\2"
    assert not folder.exists()


def test_a_cache_key_reveals_nothing_of_the_text() -> None:
    assert "four" not in cache_key("pyttsx3", 8_000, "four two one")
    assert cache_key("a", "bc") != cache_key("ab", "c")


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 40])
def test_a_damaged_file_is_treated_as_missing_and_made_again(tmp_path: Path, damage: bytes) -> None:
    SpeechCache(tmp_path).put("key", b"\1\2\3\4", private=False)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    cache = SpeechCache(tmp_path)
    assert cache.get("key") is None
    cache.put("key", b"\5\6", private=False)
    assert SpeechCache(tmp_path).get("key") == b"\5\6"


def test_memory_is_bounded_and_drops_the_least_recently_used_audio() -> None:
    cache = SpeechCache(memory_bytes=10)
    for key in ("a", "b"):
        cache.put(key, bytes(5), private=True)
    cache.get("a")
    cache.put("c", bytes(5), private=True)
    assert [key for key in "abc" if cache.get(key) is not None] == ["a", "c"]
    cache.put("d", bytes(11), private=True)
    assert [key for key in "abcd" if cache.get(key) is not None] == []


def test_the_same_audio_twice_counts_once() -> None:
    cache = SpeechCache(memory_bytes=10)
    for _ in range(5):
        cache.put("a", bytes(5), private=True)
    cache.put("b", bytes(5), private=True)
    assert cache.get("a") is not None


def test_an_unwritable_folder_only_disables_caching(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    cache = SpeechCache(blocked / "cache")
    cache.put("key", b"\1\2", private=False)
    assert cache.get("key") == b"\1\2"


# -- what is said when nothing can be said ----------------------------------------------------


class Broken:
    """Says one sentence only."""

    def __init__(self, says: str = "Hello.") -> None:
        self.says = says

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        (segment,) = segments
        if isinstance(segment, Silence):
            return [bytes(2 * rate * segment.ms // 1000)]
        if segment.text != self.says:
            raise SynthesisError("broken")
        return [b"\1\1"]


def test_a_sentence_that_fails_is_replaced_by_one_apology_in_a_row() -> None:
    faults: list[SynthesisError] = []
    voice = ResilientSynthesizer(Broken(), faults.append)
    lost = Say("A sentence of thirty characters")
    said = asyncio.run(voice.speak((lost, Silence(100), lost, Say("Hello."), lost), 8_000))
    assert [pcm == apology(8_000) for pcm in said] == [True, False, False, False, True]
    assert not any(said[2])
    assert len(said[2]) / 16 == len(lost.text) * 60
    assert said[3] == b"\1\1"
    assert len(faults) == 3


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_the_apology_needs_no_engine_and_is_as_loud_as_the_voice(rate: int) -> None:
    samples = to_samples(apology(rate))
    assert 3 < len(samples) / rate < 8
    assert level_db(samples) == pytest.approx(-19.0, abs=2)


def test_a_line_of_text_has_no_audio() -> None:
    assert asyncio.run(NullSynthesizer().speak((Say("Hello."), Silence(9)), 8_000)) == [b"", b""]


def test_warming_up_counts_failed_sentences() -> None:
    steps: list[int] = []
    sentences = ("Hello.", "Never.", "Neither.")
    lost = asyncio.run(warm_up(Broken(), sentences, 8_000, (100, 78), lambda: steps.append(1)))
    assert lost == 4
    assert len(steps) == 6
