"""The recognition benchmark: what counts as right, what is asked again, and the page of it."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from acoustic_model.evaluation.test_sets import Clip
from benchmarks import results
from benchmarks.intervals import SpeakerShare
from benchmarks.recognition import __main__, answers
from benchmarks.recognition.answers import Answer, Kept
from benchmarks.recognition.figures import Cost, Recognition, count, cpu_per_audio
from benchmarks.recognition.heard import WORDS, Heard, asking, string_of
from benchmarks.recognition.judged import LINE, Judged
from benchmarks.recognition.listener_ours import OurTurn, decided, vocabulary
from benchmarks.recognition.listeners import NAMES, Job, listener
from benchmarks.recognition.speakers import SYNTHETIC
from bot.adapters.whisper_folder import installed_folder
from bot.audio.files import read_audio
from bot.dialog.decision import points, ways
from bot.dialog.form import Field
from bot.dialog.interpreter import YES_NO
from bot.elms.callflow import FORMS
from bot.elms.session import Session
from bot.resources import PROJECT
from bot.settings import load_settings
from bot.types import Interpretation, Match, NoInput

pytestmark = pytest.mark.audio

FIXTURES = PROJECT / "audio_fixtures" / "8k"
ELEVEN = ("one", "one")


def clip(words: tuple[str, ...] = ELEVEN, group: str = "an4") -> Clip:
    return Clip(Path("len2/one.flac"), words, group, "an4-somebody", "natural-span")


def string(wanted: str = "11") -> Judged:
    return Judged("strings", clip(), LINE, string_of(2), wanted)


def answered(heard: Heard, judged: Judged | None = None) -> tuple[Judged, str, Answer]:
    judged = judged or string()
    return judged, "ours", Answer(judged.recording, judged.question.name, heard, 0.02, 2.0)


def found(*given: tuple[Judged, str, Answer]) -> Recognition:
    figures, leads = count(given)
    return Recognition("model", 1, figures, (Cost("ours", 0.01, 50.0),), leads=leads)


def shared(share: SpeakerShare | None) -> tuple[int, int]:
    assert share is not None
    return share.count, share.of


# -- what counts ------------------------------------------------------------------------------


def test_a_string_is_correct_when_every_digit_is() -> None:
    counted = found(answered(Heard("11", 900)), answered(Heard("12", 900)))
    assert shared(counted.find("strings", "ours")) == (1, 2)
    assert shared(counted.find("words of strings", "ours")) == (3, 4)
    assert shared(counted.find("strings", "ours", "source", "AN4")) == (1, 2)


def test_extra_digits_are_errors() -> None:
    counted = found(answered(Heard("111", 900)))
    assert shared(counted.find("words of strings", "ours")) == (1, 2)


def test_wrong_accepted_entries_are_counted_apart_from_wrong_confirmed_ones() -> None:
    counted = found(
        answered(Heard("12", 900, decision="accept")),
        answered(Heard("12", 900, decision="confirm")),
        answered(Heard("11", 900, decision="accept")),
    )
    assert shared(counted.find("strings taken unasked", "ours")) == (2, 3)
    assert shared(counted.find("strings taken unasked and wrong", "ours")) == (1, 3)


def test_out_of_grammar_speech_can_be_accepted_as_an_entry_or_a_command_or_be_read_back() -> None:
    def heard(decision: str) -> tuple[Judged, str, Answer]:
        judged = Judged("rejection, words", clip(), LINE, asking("PIN"), "")
        return answered(Heard("1234", 900, decision=decision), judged)

    counted = found(*map(heard, ("accept", "confirm", "event", "retry", "keypad")))
    for how in ("taken for an entry", "read back", "taken for a command"):
        share = counted.find(f"rejection, words: {how}", "ours", "question", "PIN")
        assert shared(share) == (1, 5), how


def test_a_command_in_an_out_of_grammar_recording_is_not_a_false_accept() -> None:
    judged = Judged("rejection, other speech", clip(("help",)), LINE, asking("PIN"), "")
    counted = found(answered(Heard("help", 900, decision="event"), judged))
    assert counted.figures == ()


def rejected(decision: str) -> tuple[Judged, str, Answer]:
    judged = Judged("rejection, words", clip(), LINE, asking("PIN"), "")
    return answered(Heard("1234", 900, decision=decision), judged)


def test_a_word_outside_the_grammars_of_the_question_is_not_counted() -> None:
    menu = Judged("single words", clip(("main", "menu")), LINE, asking(WORDS), "main menu")
    assert found(answered(Heard("", 900), menu)).figures == ()


def test_words_of_people_are_also_counted_apart_from_synthetic_ones() -> None:
    pytest.importorskip(
        "scipy", reason="two speakers need the bench extra: make .venv/.ready-bench"
    )
    said = Judged("single words", clip(("yes",)), LINE, asking(WORDS), "yes")
    made = replace(said, clip=clip(("yes",), SYNTHETIC))
    counted = found(answered(Heard("yes", 900), said), answered(Heard("", 900), made))
    assert shared(counted.find("single words", "ours", "word", "yes")) == (1, 2)
    assert shared(counted.find("single words", "ours", "recorded word", "yes")) == (1, 1)


def test_repeated_measurements_replace_the_earlier_ones() -> None:
    before = found(answered(Heard("11", 900)), rejected("accept"))
    then = replace(found(rejected("retry"), rejected("retry")), model="other")
    both = Recognition.from_json(before.with_later(then, ["rejection"]).as_json())
    assert shared(both.find("strings", "ours")) == (1, 1)
    taken = both.find("rejection, words: taken for an entry", "ours", "question", "PIN")
    assert shared(taken) == (0, 2)
    assert (both.model, both.later) == ("model", {"rejection": "other"})
    assert both.as_json()["later"] == {"rejection": "other"}


def test_measuring_one_listener_again_keeps_the_figures_of_the_others() -> None:
    judged, _, answer = answered(Heard("11", 900))
    before = found((judged, "ours", answer), (judged, "vosk", answer))
    again = replace(found(answered(Heard("12", 900))), costs=(Cost("ours", 0.02, 60.0),))
    both = before.with_later(replace(again, model="b"), listeners=["ours"])
    assert shared(both.find("strings", "ours")) == (0, 1)
    assert shared(both.find("strings", "vosk")) == (1, 1)
    assert both.costs == (Cost("ours", 0.02, 60.0),)
    assert both.later == {"all, ours": "b"}


def test_the_page_says_which_figures_were_measured_later() -> None:
    pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")
    page = importlib.import_module("benchmarks.recognition.text")
    again = found(rejected("retry"))
    said = page.text(found(rejected("accept")).with_later(replace(again, model="b"), ["rejection"]))
    assert "Figures of rejection were made later, with the model `b`" in said
    ours = found(rejected("accept")).with_later(again, listeners=["ours"])
    assert "Figures of our chain were made later, with the same model." in page.text(ours)


def test_the_page_separates_people_from_synthetic_voices() -> None:
    pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")
    page = importlib.import_module("benchmarks.recognition.text")
    voices = replace(string(), clip=clip(group="synthetic"))
    given = [answered(Heard("11", 900)), *[answered(Heard("12", 900), voices)] * 3]
    rows = {row.split(" | ")[0]: row for row in page.text(found(*given)).splitlines()}
    assert rows["| all"].startswith("| all | 25.0 %")
    assert rows["| recordings"].startswith("| recordings | 100.0 %")
    assert rows["| synthetic voices"].startswith("| synthetic voices | 0.0 %")


def test_cost_is_relative_to_the_audio_that_was_heard() -> None:
    assert cpu_per_audio([answered(Heard("11", 900))[2]] * 3) == 0.01


# -- what a call would do ---------------------------------------------------------------------


def match(confidence: float, grammar: str = "license_number") -> Match:
    return Match((Interpretation("one", "421903", confidence, "voice", grammar),))


def test_decisions_are_those_of_the_dialog() -> None:
    settings = load_settings()

    def asking(place: int) -> Field:
        return FORMS["login"].fields(Session.begin(settings, is_open=True))[place]

    found = points(ways(settings.costs, "number"))
    sure, unsure = found.accept + 0.01, found.confirm + 0.01
    assert decided(asking(0), match(sure)) == "accept"
    assert decided(asking(0), match(unsure)) == "confirm"
    assert decided(asking(1), match(unsure)) == "keypad"
    assert decided(asking(0), NoInput()) == "retry"
    assert decided(Field("yesno", YES_NO), match(1.0, "universals")) == "event"


def test_our_turn_hears_a_recorded_caller() -> None:
    heard = OurTurn().hear(read_audio(FIXTURES / "license_a.flac"), string_of(6))
    assert (heard.value, heard.decision) == ("421903", "accept")


def test_yes_no_and_stop_are_recognized_among_the_words_of_the_menu() -> None:
    words = vocabulary().active(asking(WORDS).uris)
    for said, value in (("yes", "yes"), ("no", "no"), ("stop", "stop"), ("help", "help")):
        assert value in [meant for _, meant in words.match("voice", [said]).values]


# -- what is kept -----------------------------------------------------------------------------


def test_answers_are_kept_for_the_next_run(tmp_path: Path) -> None:
    _, _, answer = answered(Heard("11", 900, 0.9, "digits", "accept"))
    Kept(tmp_path, "ours", "v1", LINE).add([answer])
    assert Kept(tmp_path, "ours", "v1", LINE).get(answer.recording, answer.question) == answer
    assert Kept(tmp_path, "ours", "v2", LINE).get(answer.recording, answer.question) is None


def test_a_recording_whose_line_was_cut_off_by_a_kill_is_recognized_again(tmp_path: Path) -> None:
    _, _, answer = answered(Heard("11", 900))
    Kept(tmp_path, "ours", "v1", LINE).add([answer])
    (file,) = tmp_path.rglob("*.jsonl")
    file.write_text(file.read_text()[:-20])
    kept = Kept(tmp_path, "ours", "v1", LINE)
    assert kept.get(answer.recording, answer.question) is None
    kept.add([answer])
    assert Kept(tmp_path, "ours", "v1", LINE).get(answer.recording, answer.question) == answer


def test_a_version_depends_on_every_file_that_affects_an_answer() -> None:
    read = answers.imported(PROJECT / name for name in answers.TURN)
    names = {path.relative_to(PROJECT / "bot").as_posix() for path in read}
    assert {
        "adapters/spotter_onnx.py",
        "dialog/interpreter.py",
        "grammar/phrases.py",
        "hearing/confidence.py",
        "turn/endpointer.py",
        "turn/machine.py",
    } <= names
    assert not {name for name in names if name.startswith("commands/")}


@pytest.mark.shared
def test_every_file_of_a_version_exists(shared_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shared_dir.is_dir()
    monkeypatch.setattr(answers, "version", lambda package: f"any {package}")
    assert answers.hearing_version() not in answers.versions().values()


def test_a_version_changes_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "final.mdl"
    file.write_bytes(b"one")
    before = answers.hash_of([file])
    file.write_bytes(b"two")
    assert answers.hash_of([file]) != before


def test_costly_listeners_hear_digits_under_few_conditions_and_vosk_hears_words() -> None:
    menu = Judged("rejection, words", clip(), LINE, asking("menu"), "")
    words = Judged("single words", clip(("yes",)), LINE, asking(WORDS), "yes")
    noisy = Judged("strings", clip(), "tel_gsm", string_of(2), "11")
    asked = {
        name: [__main__.may_be_asked(name, one) for one in (string(), noisy, words, menu)]
        for name in NAMES
    }
    assert asked == {
        "ours": [True, True, True, True],
        "vosk": [True, True, True, False],
        "pocketsphinx": [True, False, False, False],
        "whisper": [True, False, False, False],
        "whisper-digits": [True, False, False, False],
    }


# -- results and page -------------------------------------------------------------------------


def test_figures_are_read_back_from_the_file_of_results(tmp_path: Path) -> None:
    path = tmp_path / "recognition.json"
    measured = found(answered(Heard("11", 900)))
    results.store("recognition", measured.as_json(), path)
    results.store("calls", {"figures": []}, path)
    read = json.loads(path.read_text())
    assert Recognition.from_json(read["recognition"]) == measured
    assert read["calls"] == {"figures": []}


def test_the_page_depends_only_on_the_results(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")
    page = importlib.import_module("benchmarks.page")

    measured = found(answered(Heard("11", 900)), answered(Heard("12", 900)))
    results.store("recognition", measured.as_json(), tmp_path / "r.json")
    made = []
    for name in ("first", "second"):
        page.make(tmp_path / "r.json", tmp_path / name / "recognition.md")
        made.append({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*.*")})
    assert made[0] == made[1]
    text = made[0]["recognition.md"].decode()
    assert "| G.711 µ-law | 50.0 % of 2 by 1 † |" in text
    for image in ("conditions", "people", "speakers", "rejection"):
        assert f"images/recognition-{image}.svg" in text
        assert made[0][f"recognition-{image}.svg"].startswith(b"<?xml")


def test_pocketsphinx_hears_the_given_number_of_digits() -> None:
    pytest.importorskip("pocketsphinx", reason="needs the bench extra: make .venv/.ready-bench")
    sphinx = importlib.import_module("benchmarks.recognition.listener_pocketsphinx")
    heard = sphinx.Pocketsphinx().hear(read_audio(FIXTURES / "license_a.flac"), string_of(6))
    assert heard is not None
    assert heard.value.isdigit()
    assert len(heard.value) <= 6


@pytest.mark.parametrize("name", ["whisper", "whisper-digits"])
def test_whisper_alone_hears_a_recorded_caller(name: str) -> None:
    if installed_folder() is None:
        pytest.skip("Whisper is not installed: make .venv/.ready-whisper")
    heard = listener(name).hear(read_audio(FIXTURES / "license_a.flac"), string_of(6))
    assert heard is not None
    assert len(heard.value) >= 4
    assert "421903".startswith(heard.value)  # after the caller's pause it may hear no more


# -- what is kept, and told -------------------------------------------------------------------


def heard_rightly(job: Job) -> list[tuple[str, Answer]]:
    return [(name, answered(Heard(job.judged.wanted, 900), job.judged)[2]) for name in job.names]


@pytest.mark.shared
def test_a_slice_is_told_part_by_part_and_leaves_the_figures_of_all_recordings(
    shared_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("scipy", reason="needs the bench extra: make .venv/.ready-bench")
    assert shared_dir.is_dir()
    whole = tmp_path / "recognition.json"
    whole.write_text("{}")
    monkeypatch.setattr(results, "RESULTS", whole)
    monkeypatch.setattr(answers, "version", lambda package: f"any {package}")
    monkeypatch.setattr(__main__, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(
        __main__, "in_parallel", lambda _work, jobs, _what: map(heard_rightly, jobs)
    )
    monkeypatch.setattr(__main__, "memory_mb", lambda names: dict.fromkeys(names, 1.0))
    __main__.main(100, whole, tmp_path, ["single digits"], ["vosk"])
    said = capsys.readouterr()
    assert "single digits (tel_ulaw), Vosk as documented: 100.0 %" in said.out
    assert "not kept" in said.err
    assert "left out: synthetic voices" in said.err
    assert whole.read_text() == "{}"
