"""Offers to call back a caller who wants a person and reaches none.

Out of hours it offers in the same call, otherwise in one that resumes a call nobody could take.

    offer -> own number or another -> time of day -> promise -> goodbye
       \\_______________ representative (the queue) _______________/

A representative here is somebody for whom the caller waits: the dialplan takes a caller who asks
for one to the queue (docs/telephony.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import time

from bot.dialog.form import Dialog, Field, Filled, Form, Goto, Left
from bot.dialog.interpreter import YES_NO, interpret
from bot.elms import endings
from bot.elms.pin_discretion import PinDiscretion
from bot.elms.requests import FetchService, Service
from bot.elms.session import Session
from bot.elms.telephone_number import LENGTH, national_digits
from bot.errors import BackendError
from bot.settings import Hours
from bot.types import (
    CallBack,
    CallOutcome,
    Handover,
    Now,
    Outcome,
    Play,
    Promise,
    Prompt,
    Submit,
    Transfer,
)

Next = Goto | CallOutcome
UNTAKEN = "nobody could take the call"
NOON = time(12)


def resumed_call(session: Session) -> Dialog[CallOutcome]:
    """The whole call, from “nobody could take your call” to its outcome."""
    with suppress(BackendError):
        service: Service = yield Submit(FetchService(), quietly=True)
        session.learn(service)
    closed, _ = session.unreachable()
    yield Play((Prompt("call_back.nobody") if session.is_open else closed,))
    return (yield from interpret(FORMS, "call_back", session))


def windows(hours: Hours) -> Mapping[str, tuple[time, time]]:
    """Return the times of day that each answer stands for. An office that is open only before or
    only after noon leaves no choice."""
    whole = {"any": (hours.opens, hours.closes)}
    if not hours.opens < NOON < hours.closes:
        return whole
    return {"morning": (hours.opens, NOON), "afternoon": (NOON, hours.closes), **whole}


# -- whether ----------------------------------------------------------------------------------


def _offer_fields(session: Session) -> tuple[Field, ...]:
    ask = "call_back.offer" if session.is_open else "call_back.offer_closed"
    return (Field(name="yesno", grammar=YES_NO, ask=ask),)


def _offer_filled(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    if answers["yesno"].value == "yes":
        return Goto("call_back_number")
    yield Play((Prompt("call_back.not_wanted"),))
    return (yield from _goodbye(session, "caller wanted no call back"))


# -- which number -----------------------------------------------------------------------------


def _number_fields(session: Session) -> tuple[Field, ...]:
    wish = session.wish
    if wish.own is not None and not wish.another:
        last = {"last": wish.own[-4:]}
        return (Field(name="yesno", grammar=YES_NO, ask="call_back.own_number", values=last),)
    number = Field(
        name="call_back_number",
        grammar=f"telephone_number.grxml?length={LENGTH}",
        read_back=True,
        in_parts=True,
        length=LENGTH,
        tries=wish.tries,
        discretion=PinDiscretion(),
        too_long="call_back_number.too_many",
    )
    return (number,)


def _number_filled(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    wish = session.wish
    if "yesno" in answers:
        wish.another = answers["yesno"].value == "no"
        wish.number = None if wish.another else wish.own
        return Goto("call_back_number" if wish.another else "call_back_time")
    given = answers["call_back_number"].value
    wish.number = national_digits(given)
    if wish.number is not None:
        return Goto("call_back_time")
    wish.tries.deny(given)
    return (yield from _ask_again(session, "call_back.no_such_number"))


def _ask_again(session: Session, why: str) -> Dialog[Next]:
    """Handle an entry that is not a telephone number: ask again, up to a limit."""
    session.wish.mistakes += 1
    if session.wish.mistakes >= session.attempts.field:
        session.failed_field = "call_back_number"
        return (yield from _left(session, Left("gave-up", "call_back_number")))
    yield Play((Prompt(why),))
    return Goto("call_back_number")


# -- when -------------------------------------------------------------------------------------


def _time_fields(session: Session) -> tuple[Field, ...]:
    if len(windows(session.hours)) == 1:
        return ()
    return (Field(name="call_back_time", grammar="time_of_day.grxml"),)


def _time_filled(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    wish = session.wish
    assert wish.number is not None  # noqa: S101  only a number leads here
    chosen = answers["call_back_time"].value if answers else "any"
    earliest, latest = (f"{at:%H:%M}" for at in windows(session.hours)[chosen])
    yield Promise(CallBack(wish.number, earliest, latest, wish.earlier_call_id))
    between = {"earliest": earliest, "latest": latest}
    yield Play((Prompt("call_back.promised", values=between), Prompt("goodbye.goodbye")))
    reason = wish.otherwise.reason if wish.otherwise else UNTAKEN
    return endings.outcome(session, "call-back", reason)


def _time_left(session: Session, left: Left) -> Dialog[Next]:
    """Handle surplus keys of a number typed in one go: they must not answer another question."""
    if left.why != "too-many":
        return (yield from _left(session, left))
    session.wish.another, session.wish.number = True, None
    return (yield from _ask_again(session, "call_back_number.too_many"))


# -- endings ----------------------------------------------------------------------------------


def _left(session: Session, left: Left) -> Dialog[Next]:
    match left.why:
        case "hangup":
            return _outcome(session, f"caller left at {left.field}")
        case "startover":
            session.wish.forget()
            return Goto("call_back")
        case "goodbye":
            return (yield from _goodbye(session, f"caller said goodbye at {left.field}"))
        case "silent":
            reason = f"caller said nothing at {left.field}"
            return (yield from _goodbye(session, reason, "gave-up"))
        case "representative":
            return (yield from _representative(session, "caller waits for a representative"))
        case _:
            return (yield from _representative(session, f"could not understand {left.field}"))


def _representative(session: Session, reason: str) -> Dialog[CallOutcome]:
    """Go to the queue, which is open only during office hours."""
    session.at((yield Now()))
    if not session.is_open:
        yield Play(session.unreachable())
        return (yield from _goodbye(session, reason, "gave-up"))
    yield Play((Prompt("call_back.please_hold"),))
    yield Transfer(Handover(reason, failed_field=session.failed_field, wanted="representative"))
    return CallOutcome("transferred", reason)


def _goodbye(session: Session, reason: str, outcome: Outcome | None = None) -> Dialog[CallOutcome]:
    yield Play((Prompt("goodbye.goodbye"),))
    return _outcome(session, reason, outcome)


def _outcome(session: Session, reason: str, outcome: Outcome | None = None) -> CallOutcome:
    """Return the outcome after a wish for a person outside office hours, as without an offer."""
    if session.wish.otherwise is not None:
        return session.wish.otherwise
    return CallOutcome(outcome or ("hangup" if session.is_open else "closed"), reason)


FORMS: Mapping[str, Form[Session]] = {
    "call_back": Form(_offer_fields, _offer_filled, _left),
    "call_back_number": Form(_number_fields, _number_filled, _left),
    "call_back_time": Form(_time_fields, _time_filled, _time_left),
}
