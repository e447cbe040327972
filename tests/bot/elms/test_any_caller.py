"""Any caller at all: whatever is said, every call ends, and with an outcome."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.elms.general_information import TOPICS
from bot.elms.prompt_contract import SAID
from bot.elms.requests import (
    BackendAnswer,
    Request,
)
from bot.errors import BackendError
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Attempts, Settings
from bot.types import (
    Collect,
    HungUp,
    Interpretation,
    Match,
    Mode,
    NoInput,
    NoMatch,
    Result,
)
from tests.support.dialog_driver import (
    LICENSE_NUMBER,
    PIN,
    backend,
    event,
    play,
    session,
)

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
TURNS = 20
"""Enough to get anywhere, and few enough for many calls."""

_numbers = st.text("0123456789", min_size=6, max_size=6) | st.just(LICENSE_NUMBER)
_halves = st.text("0123456789", min_size=1, max_size=5) | st.sampled_from(["42?903", "?21903"])
_pins = st.sampled_from([PIN, "1111", "2222"])
_choices = {
    "yesno": st.sampled_from(["yes", "no"]),
    "menu": st.sampled_from(["status", "activity", "renewal", "representative", "goodbye"]),
    "offer": st.sampled_from(["yes", "no"]),
    "information": st.sampled_from([*TOPICS, "more", "back", "goodbye"]),
    "pin": _pins,
    "license_number_rest": _halves,
    "license_number_digit": st.sampled_from("0123456789"),
    "call_back_number": st.sampled_from(["6625550117", "4219035827"]),
    "call_back_time": st.sampled_from(["morning", "afternoon", "any"]),
}
_universals = st.sampled_from(["repeat", "slower", "faster", "help", "representative", "startover"])
_at_login = st.sampled_from(["information", "none", "no_number", "no_pin"])


def _interpretations(values: st.SearchStrategy[str]) -> st.SearchStrategy[Interpretation]:
    modes: st.SearchStrategy[Mode] = st.sampled_from(["voice", "dtmf", "mixed"])
    return st.builds(Interpretation, st.just(""), values, st.floats(0, 1), modes, st.just("field"))


@cache
def _results(question: str) -> st.SearchStrategy[Result]:
    """Whatever a turn can bring for a question."""
    values = _choices.get(question, _numbers)
    halves = _interpretations(_halves)
    commands = _universals | _at_login if question in ("license_number", "pin") else _universals
    return st.one_of(
        st.lists(_interpretations(values), min_size=1, max_size=3).map(lambda n: Match(tuple(n))),
        st.builds(event, commands),
        st.just(NoInput()),
        st.just(NoMatch()),
        halves.map(lambda one: NoMatch("voice", (one,))),
    )


@given(st.data(), st.booleans())
def test_no_caller_who_stays_on_the_line_reaches_a_dead_end_or_an_endless_call(
    data: st.DataObject, is_open: bool
) -> None:
    def any_answer(step: Collect) -> Result:
        return data.draw(_results(step.field))

    def any_backend(request: Request) -> BackendAnswer:
        if data.draw(st.integers(0, 9)) == 0:
            raise BackendError("down")
        return backend(request)

    begin = session(is_open, Settings(attempts=Attempts(turns=TURNS)))
    call = play(any_answer, ask_backend=any_backend, begin=begin)
    ends = {"completed", "transferred", "closed", "gave-up", "call-back", "failed"}
    assert call.outcome.outcome in ends
    assert len(call.collects) <= TURNS
    for prompt in {(p.key, p.count): p for p in call.prompts}.values():
        assert PROMPTS.segments(prompt), prompt.key
        if not prompt.key.startswith(("status.", "yesno.")):
            assert set(prompt.values) == set(SAID[prompt.key]), prompt.key
    spoken = str([(p.key, sorted(p.values.items())) for p in call.prompts if "pin" in p.key])
    assert PIN not in spoken


@given(st.data(), st.integers(0, 12))
def test_a_hangup_at_any_moment_has_an_outcome(data: st.DataObject, stays_for: int) -> None:
    def any_answer(step: Collect) -> Result:
        gone = len(steps) >= stays_for
        steps.append(step)
        return HungUp() if gone else data.draw(_results(step.field))

    steps: list[Collect] = []
    call = play(any_answer)
    assert call.outcome.outcome in {"hangup", "transferred", "completed", "gave-up"}
