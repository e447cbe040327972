"""A corpus is written whole or not at all, and read back sample for sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acoustic_model.data.corpus import Corpus, CorpusWriter
from acoustic_model.errors import CorpusError

pytestmark = pytest.mark.unit

TONE = (8000 * np.sin(np.arange(800) / 3)).astype(np.int16)
LABELS = (["one"], "ann", "home", "CC0 1.0", "word")


def written(folder: Path, *, lengths: tuple[int, ...] = (800,)) -> Path:
    with CorpusWriter(folder) as writer:
        for length in lengths:
            writer.add(TONE[:length], *LABELS, ["one"])
    return folder


def test_recordings_are_read_back_in_the_order_they_were_added(tmp_path: Path) -> None:
    with CorpusWriter(tmp_path / "corpus") as writer:
        writer.add(TONE, ["four", "[unk]"], "ann", "an4-dev", "BSD", "sentence", ["four", "cats"])
        writer.add(TONE[:300], [], "line", "made", "CC0 1.0", "nonspeech")
    corpus = Corpus.open(tmp_path / "corpus")
    first, second = corpus.utterances
    assert (first.words, first.spoken) == (("four", "[unk]"), ("four", "cats"))
    assert (first.source, first.kind, first.duration_s) == ("an4-dev", "sentence", 0.1)
    assert (second.words, second.spoken, second.start) == ((), (), 800)
    np.testing.assert_array_equal(corpus.audio(first), TONE)
    np.testing.assert_array_equal(corpus.audio(second), TONE[:300])


@settings(max_examples=30, deadline=None)
@given(
    clips=st.lists(
        arrays.arrays(np.int16, st.integers(1, 50), elements=st.integers(-32768, 32767)),
        min_size=1,
        max_size=8,
    )
)
def test_any_clips_keep_every_sample(
    tmp_path_factory: pytest.TempPathFactory, clips: list[np.ndarray]
) -> None:
    folder = tmp_path_factory.mktemp("corpus") / "c"
    with CorpusWriter(folder) as writer:
        for clip in clips:
            writer.add(clip, *LABELS)
    corpus = Corpus.open(folder)
    for utterance, clip in zip(corpus.utterances, clips, strict=True):
        np.testing.assert_array_equal(corpus.audio(utterance), clip)


def test_the_audio_cannot_be_changed_through_the_corpus(tmp_path: Path) -> None:
    corpus = Corpus.open(written(tmp_path / "corpus"))
    with pytest.raises(ValueError, match="read-only"):
        corpus.audio(corpus.utterances[0])[0] = 1


def test_a_failed_run_leaves_the_older_corpus_and_nothing_else(tmp_path: Path) -> None:
    folder = written(tmp_path / "corpus", lengths=(100, 200))
    with pytest.raises(RuntimeError, match="stopped"), CorpusWriter(folder) as writer:
        writer.add(TONE, *LABELS)
        raise RuntimeError("stopped")
    assert [each.samples for each in Corpus.open(folder).utterances] == [100, 200]
    assert list(tmp_path.iterdir()) == [folder]


def test_leftovers_of_a_killed_run_are_cleared_by_the_next(tmp_path: Path) -> None:
    killed = CorpusWriter(tmp_path / "corpus")
    killed.add(TONE, *LABELS)
    written(tmp_path / "corpus", lengths=(50,))
    assert [each.samples for each in Corpus.open(tmp_path / "corpus").utterances] == [50]
    assert list(tmp_path.iterdir()) == [tmp_path / "corpus"]


def test_a_finished_corpus_replaces_the_older_one(tmp_path: Path) -> None:
    written(tmp_path / "corpus", lengths=(100, 200))
    written(tmp_path / "corpus", lengths=(300,))
    assert [each.samples for each in Corpus.open(tmp_path / "corpus").utterances] == [300]


def test_an_empty_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no utterances for"), CorpusWriter(tmp_path / "c"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_one_clear_line_and_leaves_nothing(tmp_path: Path) -> None:
    writer = CorpusWriter(tmp_path / "corpus")
    writer._audio.close()
    with (
        Path("/dev/full").open("wb", buffering=0) as writer._audio,
        pytest.raises(CorpusError, match="No space left on device") as caught,
        writer,
    ):
        writer.add(TONE, *LABELS)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_folder_of_other_files_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CorpusError, match="is not a corpus"):
        CorpusWriter(tmp_path)


@pytest.mark.parametrize(
    ("audio", "kind"),
    [
        (TONE.astype(np.float32), "word"),
        (TONE.reshape(2, -1), "word"),
        (TONE[:0], "word"),
        (TONE, "shout"),
    ],
)
def test_anything_but_an_utterance_is_refused(tmp_path: Path, audio: np.ndarray, kind: str) -> None:
    writer = CorpusWriter(tmp_path / "corpus")
    with pytest.raises(CorpusError):
        writer.add(audio, ["one"], "ann", "home", "CC0 1.0", kind)
    writer.discard()


def cut_audio(folder: Path) -> None:
    audio = folder / "audio.s16"
    audio.write_bytes(audio.read_bytes()[:-3])


def cut_index(folder: Path) -> None:
    index = folder / "utterances.jsonl"
    index.write_text(index.read_text()[:-20])


def lose_audio(folder: Path) -> None:
    (folder / "audio.s16").unlink()


@pytest.mark.parametrize("damage", [cut_audio, cut_index, lose_audio])
def test_a_damaged_corpus_says_so_in_one_line(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    folder = written(tmp_path / "corpus", lengths=(100, 200))
    damage(folder)
    with pytest.raises(CorpusError, match="prepare it") as caught:
        Corpus.open(folder)
    assert "\n" not in str(caught.value)
