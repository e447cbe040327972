"""The rows of the call page: marks that do not overlap, and labels that can be read."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.trace import HIDDEN, Trace, TraceEvent
from bot.elms.call_page_wording import WORDING
from bot.reports.labels import clock, length, moment
from bot.reports.timeline import muted, rows, ticks
from tests.support.sample_call import record, sample_call

pytestmark = pytest.mark.unit


def test_marks_on_one_line_do_not_overlap() -> None:
    sample = sample_call()
    for row in rows(sample.record, sample.trace.events, sample.record.duration_ms, WORDING):
        for line in range(row.lines):
            marks = [mark for mark in row.marks if mark.line == line]
            for before, after in pairwise(marks):
                assert before.left + before.width <= after.left + 1e-3
                assert before.flip or before.left + before.room <= after.left + 1e-3


def test_an_entry_is_labeled_by_its_interpretation_up_to_the_next_one() -> None:
    trace = Trace()
    trace.add(1_000, "caller", "four two → 42", 1_500)
    trace.add(6_000, "caller", HIDDEN, 6_500)
    trace.add(9_500, "caller", "bye → goodbye", 9_800)
    (row,) = rows(record(), trace.events, 10_000, WORDING)
    assert [mark.label for mark in row.marks] == ["42", HIDDEN, "goodbye"]
    assert [mark.text for mark in row.marks] == [event.text for event in trace.events]
    assert [(mark.width, mark.room, mark.part) for mark in row.marks[:1]] == [(5.0, 50.0, 10.0)]
    assert [mark.flip for mark in row.marks] == [False, False, True]


def test_keys_in_a_row_are_one_mark() -> None:
    said = ("key", "key", "key", "keys: max, waited long enough", "key")
    events = [TraceEvent(at * 200, "timer", text) for at, text in enumerate(said)]
    (row,) = rows(record(), events, 2_000, WORDING)
    assert [(one.at_ms, one.end_ms, one.label) for one in row.marks] == [
        (0, 400, "3 keys"),
        (600, 600, "keys: max, waited long enough"),
        (800, 800, "key"),
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 60_000), st.integers(0, 9_000), st.sampled_from("abcd")),
        max_size=30,
    )
)
def test_all_events_stay_on_the_axis(found: list[tuple[int, int, str]]) -> None:
    events = [TraceEvent(at, "timer", text, at + lasts) for at, lasts, text in found]
    for row in rows(record(), events, 60_000, WORDING):
        assert len(row.marks) == len(events)
        for mark in row.marks:
            assert 0 <= mark.left <= 100
            assert 0 <= mark.left + mark.width <= 100.001
            assert 0 <= mark.line < row.lines <= 3


@given(st.integers(1, 7_200_000))
def test_the_axis_has_a_handful_of_labels(duration_ms: int) -> None:
    marks = ticks(duration_ms)
    assert 1 <= len(marks) <= 13
    assert marks[0] == (0.0, "0:00")
    assert len({label for _, label in marks}) == len(marks)


def test_adjacent_muted_spans_are_drawn_as_one() -> None:
    spans = [(2_000, 3_000), (-300, 500), (2_900, 4_000), (4_000, 5_000)]
    assert muted(spans, 10_000) == [(0.0, 5.0), (20.0, 30.0)]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0:00.00"), (62_500, "1:02.50"), (59_999, "0:59.99"), (600_000, "10:00.00")],
)
def test_times_are_minutes_seconds_and_hundredths(ms: int, words: str) -> None:
    assert clock(ms) == words


def test_lengths_and_times_are_written_for_people() -> None:
    assert (length(62_700), length(8_200)) == ("1 min 3 s", "8 s")
    assert moment("2022-06-14T10:04:05-05:00") == "14 June 2022, 15:04:05 UTC"
    assert moment("yesterday") == "yesterday"
