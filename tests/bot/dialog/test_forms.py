"""Forms: their questions in order, where their answers lead, and a backend that fails."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.dialog.form import Dialog, Field, Filled, Form, Goto, Left, Unavailable
from bot.dialog.interpreter import interpret, submit
from bot.dialog.state import DialogState
from bot.errors import BackendError
from bot.types import CallOutcome, Collect, HungUp, Play, Prompt, Result, Step, Submit
from tests.support.asking import command, said, state_of

pytestmark = pytest.mark.unit

FIRST, SECOND = Field("first", "first.grxml"), Field("second", "second.grxml")
ONE, TWO = said(("1", 0.99)), said(("2", 0.99))


class Application:
    """Two forms: answers lead from one to two, and from two to the end; whoever leaves ends."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []

    def forms(self) -> Mapping[str, Form[DialogState]]:
        return {
            "one": Form(lambda _: (FIRST, SECOND), self.filled, self.left),
            "two": Form(lambda _: (SECOND,), self.ended, self.left),
        }

    def filled(
        self, state: DialogState, answers: Mapping[str, Filled]
    ) -> Dialog[Goto | CallOutcome]:
        yield Play((Prompt("filled"),))
        self.note("filled", answers)
        state.failed_field = "passed on"
        return Goto("two")

    def ended(
        self, state: DialogState, answers: Mapping[str, Filled]
    ) -> Dialog[Goto | CallOutcome]:
        yield Play((Prompt("ended"),))
        self.note("ended", answers)
        return CallOutcome("completed", str(state.failed_field))

    def left(self, state: DialogState, left: Left) -> Dialog[Goto | CallOutcome]:
        yield Play((Prompt("left"),))
        self.note(f"{left.why} at {left.field}", left.answers)
        return CallOutcome("hangup", str(state.failed_field))

    def note(self, what: str, answers: Mapping[str, Filled]) -> None:
        self.seen.append((what, {name: answer.value for name, answer in answers.items()}))


def walked(*results: Result) -> tuple[Application, CallOutcome, list[str]]:
    """The application, how the call ended, and the fields that were asked."""
    application, coming = Application(), iter(results)
    fields: list[str] = []
    dialog = interpret(application.forms(), "one", state_of())
    sent: object = None
    while True:
        try:
            step: Step = dialog.send(sent)
        except StopIteration as end:
            return application, end.value, fields
        sent = None
        if isinstance(step, Collect):
            fields.append(step.field)
            sent = next(coming, HungUp())


def test_the_questions_of_a_form_are_asked_in_order_and_lead_to_the_next_form() -> None:
    application, outcome, fields = walked(ONE, TWO, ONE)
    assert fields == ["first", "second", "second"]
    assert application.seen == [
        ("filled", {"first": "1", "second": "2"}),
        ("ended", {"second": "1"}),
    ]
    assert outcome == CallOutcome("completed", "passed on")


def test_leaving_a_form_keeps_the_earlier_answers() -> None:
    application, outcome, fields = walked(ONE, command("goodbye"))
    assert fields == ["first", "second"]
    assert application.seen == [("goodbye at second", {"first": "1"})]
    assert outcome == CallOutcome("hangup", "None")


def test_leaving_the_first_question_gives_no_answers() -> None:
    application, _, fields = walked(command("startover"))
    assert (fields, application.seen) == (["first"], [("startover at first", {})])


@pytest.mark.parametrize("faults", [0, 1, 2, 3])
def test_a_failed_backend_request_is_retried_once_after_an_apology(faults: int) -> None:
    state = state_of()
    dialog = submit("request", state)
    steps: list[Step] = [dialog.send(None)]
    answer: object = None
    try:
        for _ in range(faults):
            steps.append(dialog.throw(BackendError("down")))
            if isinstance(steps[-1], Play):
                steps.append(dialog.send(None))
        dialog.send("answer")
    except StopIteration as end:
        answer = end.value
    apology = [Play((Prompt("backend.retry"),)), Submit("request")] if faults else []
    assert steps == [Submit("request"), *apology]
    assert answer == ("answer" if faults < 2 else Unavailable())
    assert state.failed_field == ("backend" if faults >= 2 else None)
