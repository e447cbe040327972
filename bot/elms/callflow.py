"""The ELMS call: read this to know what the call does.

    welcome -> login (license number, PIN) -> status -> menu -> goodbye
                 |   \\______________ person ______________/
                 +-- information, help with number and PIN: bot/elms/before_login.py

Every form can end at a person; every ending is an outcome: bot/elms/endings.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from bot.dialog.form import Dialog, Field, Filled, Form, Goto, Left, Unavailable
from bot.dialog.interpreter import YES_NO, interpret, submit
from bot.elms import announcements, before_login, call_back, endings
from bot.elms.endings import Next
from bot.elms.login import PIN_LENGTH, Login
from bot.elms.pin_discretion import PinDiscretion
from bot.elms.requests import (
    FetchAccount,
    FetchService,
    NotVerified,
    Service,
    Verified,
    Verify,
)
from bot.elms.session import Session
from bot.errors import BackendError
from bot.types import CallOutcome, Now, Play, Prompt, Speak, Submit


def licensure_call(session: Session) -> Dialog[CallOutcome]:
    """The whole call, from the greeting to its outcome."""
    yield Play((Prompt("greeting.welcome"),))
    yield from _learn_service(session)
    if not session.is_open and not session.answer_when_closed:
        yield Play((*session.unreachable(), Prompt("goodbye.goodbye")))
        return endings.outcome(session, "closed", "office closed")
    if not session.is_open:
        yield Play((Prompt("greeting.closed"), *session.unreachable()[:1]))
    yield Play((Prompt("greeting.anytime"),))
    return (yield from interpret(FORMS, "login", session))


def _learn_service(session: Session) -> Dialog[None]:
    """Fetch the holidays during the greeting; if the backend fails, the settings' are used."""
    with suppress(BackendError):
        service: Service = yield Submit(FetchService(), quietly=True)
        session.learn(service)


# -- login: who is calling --------------------------------------------------------------------


def _grammar(login: Login) -> str:
    return f"license_number.grxml?{login.format.limits}"


def _license_number(login: Login, ask: str | None = None) -> Field:
    return Field(
        name="license_number",
        ask=ask,
        grammar=_grammar(login),
        read_back=True,
        in_parts=True,
        length=login.format.length,
        spelled=login.format.spelled,
        tries=login.tries,
        discretion=PinDiscretion(),
        values={"length": login.format.length},
        too_long="license_number.too_many",
        links=before_login.LINKS,
    )


_PIN_GRAMMAR = f"pin.grxml?length={PIN_LENGTH}"
PIN = Field(
    name="pin", grammar=_PIN_GRAMMAR, secret=True, length=PIN_LENGTH, links=before_login.LINKS
)
PIN_AGAIN = replace(PIN, ask="pin.again")

SURE = 0.9
"""Least confidence to accept a number that is given instead of "no"; below it, the number is asked
for."""

MISTAKEN_PIN = 0.1
"""Assumed share of PINs given with the right number that do not match the account."""


def _login_fields(session: Session) -> tuple[Field, ...]:
    login = session.login
    if login.number is None:
        return (_license_number(login), PIN)
    if not login.doubted:
        return (replace(PIN_AGAIN if login.refused_pins else PIN, tries=login.pins()),)
    if login.mode != "voice":
        return (_license_number(login, "license_number.again"),)
    check = Field(
        name="yesno",
        grammar=YES_NO,
        ask="license_number.check",
        likely=_still_likely(login.sure),
        values={"number": login.number},
        corrected_by=(_grammar(login),),
    )
    return (check,)


def _still_likely(sure: float) -> float:
    """Return the probability that a number is right after its PIN was refused: with a wrong number,
    every PIN is."""
    return sure * MISTAKEN_PIN / (sure * MISTAKEN_PIN + 1.0 - sure)


def _login_filled(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    _take_number(session, answers)
    if "yesno" in answers:
        _checked(session.login, answers["yesno"])
    if "pin" not in answers:
        return Goto("login")
    return (yield from _verify(session, answers["pin"]))


def _take_number(session: Session, answers: Mapping[str, Filled]) -> None:
    if "license_number" in answers:
        number = answers["license_number"]
        session.login.take(number.value, number.mode, number.confidence)


def _checked(login: Login, answer: Filled) -> None:
    """Handle the caller's answer to whether the number whose PIN was refused is right."""
    if answer.value == "yes":
        login.affirm(answer.confidence, keyed=answer.mode == "dtmf")
        return
    login.deny()
    if answer.value != "no" and answer.confidence >= SURE:
        login.take(answer.value, answer.mode, answer.confidence)


def _verify(session: Session, pin: Filled) -> Dialog[Next]:
    login = session.login
    assert login.number is not None  # noqa: S101  the login form fills it first
    login.verifications += 1
    if pin.mode != "dtmf":  # what is spoken may still be corrected, and is submitted later
        yield Play((Prompt("pin.heard"),))
    request = Verify(login.number, pin.value, pin.mode, login.verifications)
    answer: Verified | NotVerified | Unavailable = yield from submit(request, session)
    if isinstance(answer, Unavailable):
        return (yield from endings.unavailable(session))
    if isinstance(answer, Verified):
        session.token = answer.token
        if answer.pace == "slow":
            yield Speak(session.slow_down())
        return Goto("status")
    login.refuse(pin.value)
    if login.verifications >= session.attempts.pin:
        session.failed_field = "pin"
        yield Play((Prompt("login.refused"),))
        return (yield from endings.person(session, "three PINs that were not right"))
    yield Play((Prompt("login.not_verified"),))
    return Goto("login")


def _login_left(session: Session, left: Left) -> Dialog[Next]:
    if left.why == "startover":
        session.login.forget()
        return Goto("login")
    if left.why == "too-many":
        return (yield from _too_many(session))
    if left.why == "command":
        _take_number(session, left.answers)
        return before_login.form_of(left)
    return (yield from endings.left(session, left))


def _too_many(session: Session) -> Dialog[Next]:
    """Handle more keys in one go than a license number has, if the rest cannot be a PIN."""
    session.login.withdraw()
    if session.login.overruns >= session.attempts.field:
        session.failed_field = "license_number"
        return (yield from endings.left(session, Left("gave-up", "license_number")))
    yield Play((Prompt("license_number.too_many", values={"length": session.login.format.length}),))
    return Goto("login")


# -- status and menu: what they called for ----------------------------------------------------


def _status_filled(session: Session, _: Mapping[str, Filled]) -> Dialog[Next]:
    assert session.token is not None  # noqa: S101  only login leads here
    answer = yield from submit(FetchAccount(session.token), session)
    if isinstance(answer, Unavailable):
        return (yield from endings.unavailable(session))
    session.account = answer
    yield from _tell(session, announcements.status(answer))
    return Goto("menu")


def _tell(session: Session, prompts: tuple[Prompt, ...]) -> Dialog[None]:
    """Say an announcement, and keep it in case the caller wants to hear it again. It is
    confidential: even the choice of sentences says something about the account's owner."""
    session.told = tuple(replace(one, confidential=True) for one in prompts)
    yield Play(session.told)


def _menu_fields(session: Session) -> tuple[Field, ...]:
    return (Field(name="menu", grammar="menu.grxml", told=session.told),)


def _menu_filled(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    choice = answers["menu"].value
    assert session.account is not None  # noqa: S101  the status form fetched it
    session.wanted = choice
    if choice == "status":
        yield from _tell(session, announcements.status(session.account))
    elif choice == "activity":
        yield from _tell(session, announcements.activity(session.account))
    elif choice == "renewal":
        yield from _tell(session, announcements.renewal(session.account))
    elif choice == "representative":
        return (yield from _menu_person(session))
    elif choice == "goodbye":
        return (yield from endings.goodbye(session, "completed", "caller said goodbye"))
    return Goto("menu")


def _menu_person(session: Session) -> Dialog[Next]:
    """Transfer to a person if the office is open. A spoken "zero" counts as the key 0."""
    session.at((yield Now()))
    if session.is_open:
        return (yield from endings.person(session, "caller asked"))
    yield Play(session.unreachable())
    return Goto("menu")


def _menu_left(session: Session, left: Left) -> Dialog[Next]:
    if left.why == "startover":
        return Goto("status")
    if left.why == "silent":
        return (yield from endings.goodbye(session, "completed", "no further question"))
    if left.why == "goodbye":
        return (yield from endings.goodbye(session, "completed", "caller said goodbye"))
    return (yield from endings.left(session, left))


FORMS: Mapping[str, Form[Session]] = {
    "login": Form(_login_fields, _login_filled, _login_left),
    "status": Form(lambda _: (), _status_filled, endings.left),
    "menu": Form(_menu_fields, _menu_filled, _menu_left),
    **before_login.FORMS,
    **call_back.FORMS,
}
