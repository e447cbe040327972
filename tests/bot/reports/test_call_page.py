"""The call page: one file, all of the call, nothing that was hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.trace import HIDDEN, Lane, Trace, TraceEvent
from bot.elms.call_page_wording import WORDING
from bot.records import Timing, TurnRecord
from bot.reports.call_page import render, write
from bot.reports.sentences import sentences
from bot.reports.transcript import conversation
from bot.types import CallOutcome, Handover
from tests.support.sample_call import Sample, record, sample_call

pytestmark = pytest.mark.unit

VOID = {"br", "hr", "img", "input", "link", "meta", "path"}
ATTACK = "</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in its place, every id stands once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "action", "data", "srcset", "poster"}:
                self.addresses.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text += data


@pytest.fixture(scope="module")
def sample() -> Sample:
    return sample_call()


@pytest.fixture(scope="module")
def html(sample: Sample) -> str:
    return render(sample.record, sample.trace.events, sample.wav, WORDING, sample.muted)


# -- one file ---------------------------------------------------------------------------------


def test_the_page_is_well_formed(html: str) -> None:
    assert html.startswith("<!doctype html>")
    assert Page(html).tags.count("h1") == 1


def test_the_page_loads_nothing_from_a_network(html: str) -> None:
    assert all(address.startswith("data:") for address in Page(html).addresses)
    without_audio = re.sub(r"data:audio/flac;base64,[A-Za-z0-9+/=]+", "", html)
    for word in ("http:", "https:", "//cdn", "@import", "url(", "fetch(", "XMLHttp", "WebSocket"):
        assert word not in without_audio


def test_the_policy_forbids_everything_except_the_pages_own_script(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'")
    assert re.search(r"script-src &#39;sha256-|script-src 'sha256-", policy[1])


def test_a_call_without_audio_has_a_page_without_an_audio_player(sample: Sample) -> None:
    page = render(sample.record, sample.trace.events, None, WORDING)
    assert "No audio of this call was kept." in Page(page).text
    assert "<audio" not in page
    assert 'role="slider"' not in page


def test_a_call_that_ended_at_once_has_a_page() -> None:
    page = Page(render(record(duration_ms=0), [], None, WORDING))
    assert "No audio: this call was typed" in page.text
    assert "Completed" in page.text


def test_the_file_is_complete_or_absent(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / "out" / "call.html"
    write(path, sample.record, sample.trace.events, None, WORDING)
    assert path.read_text("utf-8") == render(sample.record, sample.trace.events, None, WORDING)
    assert [one.name for one in path.parent.iterdir()] == ["call.html"]
    assert path.stat().st_mode & 0o077 == 0


def test_the_same_call_gives_the_same_page(html: str, sample: Sample) -> None:
    again = render(sample.record, sample.trace.events, sample.wav, WORDING, sample.muted)
    assert again == html


# -- all of the call --------------------------------------------------------------------------


def test_every_turn_and_every_event_is_on_the_page(html: str, sample: Sample) -> None:
    text = " ".join(Page(html).text.split())
    for turn in sample.record.turns:
        assert turn.utterance is None or turn.utterance in text
        if turn.confidence is not None:
            assert f"{turn.confidence:.2f}" in text
        if turn.timing.reply_after_ms is not None:
            assert f"{turn.timing.reply_after_ms} ms" in text
    for event in sample.trace.events:
        if event.lane in {"reply", "partial", "timer", "decision"}:
            assert event.text in text, event


def test_outcome_and_key_figures_are_at_the_top(html: str) -> None:
    head = " ".join(Page(html).text.split("Time line")[0].split())
    for words in (
        "Completed",
        "caller said goodbye",
        "1 min 1 s",
        "Verified",
        "421903",
        "2 spoken, 1 keyed",
        "214 ms",
        "38 to 243 ms",
    ):
        assert words in head


def test_a_handover_is_shown_as_the_representative_receives_it() -> None:
    given = Handover("caller asked", "421903", True, None, "renewal")
    text = Page(render(replace(record(), handover=given), [], None, WORDING)).text
    for words in ("What the representative was told", "caller asked", "renewal", "verified"):
        assert words in text


def test_the_conversation_is_in_chronological_order(sample: Sample) -> None:
    lines = conversation(sample.record, sample.trace.events, WORDING)
    assert [line.at_ms for line in lines] == sorted(line.at_ms for line in lines)
    assert sum(line.who == "caller" for line in lines) == len(sample.record.turns)


def test_a_reply_follows_the_entry_it_answers() -> None:
    turn = TurnRecord("menu", 1, "match", Timing(0, 2_000), value="status")
    trace = Trace()
    trace.add(2_000, "backend", "FetchAccount", detail="12 ms")
    trace.add(2_000, "reply", "Your license is ready to issue.", 4_000)
    assert [line.who for line in conversation(record(turn), trace.events, WORDING)] == [
        "caller",
        "call",
        "reply",
    ]


def test_sentences_that_an_early_answer_cut_off_are_marked() -> None:
    turn = TurnRecord(
        "menu", 1, "match", Timing(0, 1_500, prompt_end_ms=1_200), bargein=True, value="1"
    )
    events = [
        TraceEvent(0, "reply", "First.", 1_000),
        TraceEvent(1_000, "reply", "Second.", 1_200, cut=True),
        TraceEvent(1_000, "unheard", "Third.", 1_000),
        TraceEvent(1_500, "caller", "1 → status", 1_500),
        TraceEvent(1_560, "reply", "Fourth.", 2_600),
    ]
    said = sentences(events)
    assert [(one.text, one.end_ms, one.heard, one.cut) for one in said] == [
        ("First.", 1_000, True, False),
        ("Second.", 1_200, True, True),
        ("Third.", 1_000, False, True),
        ("Fourth.", 2_600, True, False),
    ]
    first, *_, last = conversation(record(turn), events, WORDING)
    assert (first.text, first.unheard) == ("First. Second.", "Third.")
    assert (last.text, last.unheard) == ("Fourth.", "")


def test_the_steps_to_an_entry_are_listed_with_it_when_the_next_starts_at_once() -> None:
    first = TurnRecord("menu", 1, "match", Timing(0, 900), value="status", decision="accept")
    second = TurnRecord("menu", 1, "noinput", Timing(900, 10_900))
    trace = Trace()
    trace.add(900, "timer", "key")
    trace.add(900, "caller", "1 → status", 900)
    trace.add(900, "decision", "accept")
    trace.add(10_900, "timer", "no input for 10000 ms")
    trace.add(10_900, "caller", "(silence)", 10_900)
    lines = conversation(record(first, second), trace.events, WORDING)
    assert [[step.text for step in line.steps] for line in lines] == [
        ["key", "accept"],
        ["no input for 10000 ms"],
    ]


def test_a_sentence_with_pauses_is_shown_as_one_sentence() -> None:
    said = ("I heard", "four", "two.", "Is that right?")
    events = [TraceEvent(at, "reply", text, at + 90) for at, text in enumerate(said)]
    (line,) = conversation(record(), events, WORDING)
    assert line.text == "I heard, four, two. Is that right?"


# -- nothing that was hidden ------------------------------------------------------------------


def test_a_hidden_entry_has_no_words_on_the_page(sample: Sample) -> None:
    lines = conversation(sample.record, sample.trace.events, WORDING)
    pin = next(line for line in lines if line.about == "PIN")
    assert (pin.text, pin.value, pin.hidden) == (HIDDEN, "", True)
    assert all(step.kind != "partial result" for step in pin.steps)


def test_a_command_in_place_of_a_pin_is_shown() -> None:
    turn = TurnRecord("pin", 1, "match", Timing(0, 900, speech_start_ms=500), grammar="universals")
    events = [TraceEvent(500, "caller", "help", 900)]
    (line,) = conversation(record(turn), events, WORDING)
    assert (line.text, line.hidden) == ("help", False)


@given(st.sampled_from(["text", "detail", "utterance", "value", "reason", "line", "field"]))
def test_everything_in_a_call_is_escaped(where: str) -> None:
    turn = TurnRecord(
        field=ATTACK if where == "field" else "menu",
        attempt=1,
        result="match",
        timing=Timing(0, 900),
        utterance=ATTACK if where == "utterance" else "one",
        value=ATTACK if where == "value" else "status",
    )
    made = record(turn)
    if where == "reason":
        made = replace(made, outcome=CallOutcome("failed", ATTACK, True, ATTACK))
    if where == "line":
        made = replace(made, line=ATTACK, call_id=ATTACK, started_utc=ATTACK)
    text, detail = (ATTACK if where == name else "said" for name in ("text", "detail"))
    events = [TraceEvent(10, lane, text, 500, detail) for lane in get_args(Lane)]
    html = render(made, events, None, WORDING)
    page = Page(html)
    assert "img" not in page.tags
    assert page.tags.count("script") == 1
    assert "<img" not in html
