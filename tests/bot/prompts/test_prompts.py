"""Prompts as their files say them: sentence by sentence, private where a caller's value is in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PromptError
from bot.prompts.lint import example
from bot.prompts.prompts import Prompts
from bot.prompts.say_as import SAY_AS
from bot.types import Prompt, Say, Segment, Silence, Value
from tests.support.paths import DATA

pytestmark = pytest.mark.unit

SENTENCE_GAP_MS = 250
FOLDER = DATA / "prompts"
ISSUED: dict[str, Value] = {"class": "AA", "type": "five-year standard", "issued": date(2022, 3, 3)}


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return Prompts.load(FOLDER)


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def said(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in segments if isinstance(segment, Say)]


def test_sentences_are_segments_of_their_own(prompts: Prompts) -> None:
    assert prompts.segments(Prompt("menu.ask")) == (
        Say("For status, press one."),
        Silence(SENTENCE_GAP_MS),
        Say("For activity, press two."),
    )


def test_a_pause_in_the_text_takes_the_place_of_the_one_between_sentences(
    prompts: Prompts,
) -> None:
    assert prompts.segments(Prompt("greeting.welcome"))[:2] == (
        Say("Welcome to the call center."),
        Silence(300),
    )


def test_a_sentence_with_a_callers_value_is_private_and_its_neighbor_is_not(
    prompts: Prompts,
) -> None:
    segments = prompts.segments(Prompt("status.issued", values=ISSUED))
    assert segments == (
        Say(
            "Your Class double A, five-year standard license was issued on March third, "
            "twenty twenty-two.",
            private=True,
        ),
        Silence(SENTENCE_GAP_MS),
        Say("Goodbye."),
    )


def test_digits_are_private_apart_and_leave_the_words_around_them_public(
    prompts: Prompts,
) -> None:
    segments = prompts.segments(Prompt("number.confirm", values={"number": "0421"}))
    assert segments == (
        Say("I heard"),
        Silence(250),
        Say("zero", private=True, number="0421"),
        Silence(250),
        Say("four", private=True, number="0421"),
        Silence(500),
        Say("two", private=True, number="0421"),
        Silence(250),
        Say("one", private=True, number="0421"),
        Silence(250),
        Say("Is that right?"),
    )


def test_constants_of_the_files_stay_public(prompts: Prompts) -> None:
    segments = prompts.segments(Prompt("greeting.welcome"))
    assert not any(segment.private for segment in segments if isinstance(segment, Say))
    assert "six" in said(segments)
    assert "We open at eight in the morning." in said(segments)
    assert "Sign in to Elms or call" in said(segments)


def test_settings_can_define_constants_too() -> None:
    prompts = Prompts.load(FOLDER, constants={"length": 6})
    assert prompts.segments(Prompt("number.ask")) == (Say("Please say your six digit number."),)


def test_the_last_text_of_a_list_repeats(prompts: Prompts) -> None:
    texts = [prompts.text(Prompt("menu.nomatch", count)) for count in (0, 1, 2, 3, 4, 99)]
    assert texts[0] == texts[1] == "Sorry? For status, press 1."
    assert texts[2] == "Use the keypad. For status, press 1."
    assert texts[3] == texts[4] == texts[5] == "To speak with a representative, press 0."


def test_the_text_for_a_terminal_keeps_figures_and_has_no_pauses(prompts: Prompts) -> None:
    assert prompts.text(Prompt("status.issued", values=ISSUED)) == (
        "Your Class AA, five-year standard license was issued on March 3, 2022. Goodbye."
    )
    assert prompts.text(Prompt("number.confirm", values={"number": "042190"})) == (
        "I heard 042 190. Is that right?"
    )


def test_several_prompts_have_a_pause_between_them(prompts: Prompts) -> None:
    both = prompts.sequence((Prompt("menu.ask"), Prompt("menu.nomatch", 3)))
    assert both[3:] == (
        Silence(SENTENCE_GAP_MS),
        Say("To speak with a representative, press zero."),
    )


def test_fixed_sentences_are_those_without_a_callers_values(prompts: Prompts) -> None:
    fixed = prompts.fixed()
    assert {"Goodbye.", "I heard", "Is that right?", "zero", "nine", "For status, press one."} <= {
        *fixed
    }
    assert len(fixed) == len(set(fixed))
    assert not any("Class" in text or "We still need" in text for text in fixed)


def test_slots_are_listed_with_their_say_as_types_and_without_constants(prompts: Prompts) -> None:
    assert dict(prompts.slots("status.issued")) == {
        "class": "letters",
        "type": "text",
        "issued": "date",
    }
    assert dict(prompts.slots("greeting.welcome")) == {}


def test_missing_keys_are_named_together(prompts: Prompts) -> None:
    prompts.check({"menu.ask": {}})
    with pytest.raises(PromptError, match=r"login\.ask, login\.help"):
        prompts.check({"login.help": {}, "menu.ask": {}, "login.ask": {}})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("It is {numbr:digits}.", "a.yaml: menu.ask: there is no slot numbr; slots here are"),
        ("It is {number:date}.", "a.yaml: menu.ask: slot number:date requires a date"),
    ],
)
def test_a_slot_that_no_call_can_fill_is_found_before_any_call(
    tmp_path: Path, text: str, complaint: str
) -> None:
    loaded = Prompts.load(folder(tmp_path, a=f"menu.ask: [Right., '{text}']"))
    with pytest.raises(PromptError, match=re.escape(complaint)):
        loaded.check({"menu.ask": {"number": "421903"}})


def test_an_unknown_key_is_named(prompts: Prompts) -> None:
    with pytest.raises(PromptError, match=r"no prompt menu\.nothing"):
        prompts.segments(Prompt("menu.nothing"))


def test_a_slot_without_a_value_is_named_with_file_and_key(prompts: Prompts) -> None:
    with pytest.raises(PromptError, match=r"status\.yaml: status\.needs: slot needed has no value"):
        prompts.segments(Prompt("status.needs"))


@pytest.mark.parametrize("wrong", ["12345x", "secret words", ""])
def test_an_invalid_value_is_not_repeated_in_the_message(prompts: Prompts, wrong: str) -> None:
    with pytest.raises(PromptError) as caught:
        prompts.segments(Prompt("number.confirm", values={"number": wrong}))
    assert "number:digits" in str(caught.value)
    assert not wrong or wrong not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("menu.ask: 'Hello {name}.'", r"menu\.ask: unexpected \{"),
        ("menu.ask: 'Hello {name:loudly}.'", "slot name has the unknown say-as loudly"),
        ("menu.ask: 'Wait [200].'", r"unexpected \["),
        ("menu.ask: 'Wait [0ms] here.'", "a pause must be 1 to 5000 ms"),
        ("menu.ask: 'Wait [9999ms] here.'", "a pause must be 1 to 5000 ms"),
        ("menu.ask: '[200ms]'", "has no text"),
        ("menu.ask: ''", "has no text"),
        ("menu.ask: []", "text or a list of texts"),
        ("menu.ask: 5", "text or a list of texts"),
        ("menu.ask: [good, 5]", "text or a list of texts"),
        ("menu.ask: 'Your code is {code:digits}.'", "slot code would speak a secret"),
        ("menu: 'Hello.'", "menu is not a prompt key"),
        ("menu.ask: Hello.\nmenu.ask: Again.", "line 2: duplicate key menu.ask"),
        ("menu.ask: 'Hello", "line"),
        ("- menu.ask", "mapping"),
        ("menu.ask: <b>Hello.</b>", "unexpected <"),
        ("constants: {year: !!python/object:os.system {}}", "line 1"),
        ("constants: {on: true}\nmenu.ask: Hello.", "on has a value of the wrong kind|mapping"),
        ("constants: {phone: none}\nmenu.ask: 'Call {phone:telephone}.'", "phone:telephone"),
    ],
)
def test_a_wrong_file_is_refused_when_it_is_loaded(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(PromptError, match=complaint) as caught:
        Prompts.load(folder(tmp_path, menu=text), secrets={"code"})
    assert "menu.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_can_be_defined_in_one_file_only(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"b\.yaml: menu\.ask is already defined in a\.yaml"):
        Prompts.load(folder(tmp_path, a="menu.ask: One.", b="menu.ask: Two."))


def test_a_folder_without_prompts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="has no prompt files"):
        Prompts.load(tmp_path / "nowhere")


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "menu.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PromptError, match=r"menu\.yaml: cannot be read"):
        Prompts.load(tmp_path)


def test_times_of_day_and_initials_do_not_end_a_sentence(tmp_path: Path) -> None:
    prompts = Prompts.load(folder(tmp_path, office="office.open: 'At 8 a.m. Central. P.O. Box.'"))
    assert said(prompts.segments(Prompt("office.open"))) == [
        "At eight in the morning Central.",
        "pee oh Box.",
    ]


@given(
    type_=st.text(min_size=1, max_size=40).filter(lambda text: text.strip() != ""),
    issued=st.dates(min_value=date(1000, 1, 1)),
    class_=st.sampled_from(["A", "AA", "AAA", "AAAA", "B"]),
)
def test_no_value_passes_a_figure_or_markup_to_an_engine(
    type_: str, issued: date, class_: str
) -> None:
    prompts = Prompts.load(FOLDER)
    values: dict[str, Value] = {"class": class_, "type": type_, "issued": issued}
    first, *_ = prompts.segments(Prompt("status.issued", values=values))
    assert isinstance(first, Say)
    assert first.private
    assert not any(c.isnumeric() or c in "<>{}[]" for c in first.text)


def test_the_projects_own_prompts_load_and_render(project: Path) -> None:
    prompts = Prompts.load(project / "prompts")
    for key in prompts:
        values = {name: SAY_AS[kind].sample for name, kind in prompts.slots(key).items()}
        for count in range(1, len(prompts.texts(key)) + 1):
            prompt = Prompt(key, count, values)
            assert said(prompts.segments(prompt)), key
            assert prompts.text(prompt), key


def test_written_text_shows_no_pronunciation(project: Path) -> None:
    prompts = Prompts.load(project / "prompts")
    for key in prompts:
        for count in range(1, len(prompts.texts(key)) + 1):
            for said in prompts.segments(example(prompts, key, count)):
                if isinstance(said, Say):
                    assert "see ee" not in said.caption, key
                    assert "tee tee" not in said.caption, key
    (ceu,) = (
        one for one in prompts.segments(Prompt("renewal.higher_class")) if isinstance(one, Say)
    )
    assert "five see ee you credits" in ceu.text
    assert "five CEU credits" in ceu.caption


def test_an_edited_text_cannot_speak_a_secret(tmp_path: Path) -> None:
    loaded = Prompts.load(folder(tmp_path, menu="menu.ask: Hello."), secrets={"code"})
    for again in (loaded, loaded.changed({"menu.ask": ["Welcome."]})):
        with pytest.raises(PromptError, match="slot code would speak a secret"):
            again.changed({"menu.ask": ["Your code is {code:digits}."]})
