"""Helps callers who have no license number or PIN at hand.

They hear where to get both, and general information, and are offered a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialog.form import Dialog, Field, Filled, Form, Goto, Left
from bot.dialog.interpreter import YES_NO
from bot.elms import endings, general_information
from bot.elms.endings import Next
from bot.elms.session import Session
from bot.types import Now, Play, Prompt

LINKS = ("universals_login.grxml",)
"""The commands at the questions of the login, beside the universal ones."""

_MISSING: Mapping[str, str] = {"license_number": "no_number", "pin": "no_pin"}
"""The subject of "I don't have one", by the question that it answers."""


def form_of(left: Left) -> Goto:
    """Return the form that a command of the login leads to."""
    if left.command == "none":
        return Goto(_MISSING.get(left.field, "no_number"))
    return Goto(left.command)


# -- general information ----------------------------------------------------------------------


def _topics(session: Session) -> tuple[Field, ...]:
    ask = "information.more" if session.more_topics else None
    return (Field("information", "information.grxml", ask=ask, told=session.told),)


def _topic_chosen(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    choice = answers["information"].value
    session.more_topics = choice == "more"
    if choice == "goodbye":
        return (yield from endings.goodbye(session, "completed", "caller said goodbye"))
    if choice == "back":
        return _back(session)
    if choice == "more":
        session.told = ()
        return Goto("information")
    session.wanted = choice
    session.told = general_information.told(choice, session.service, session.today)
    yield Play(session.told)
    return Goto("information")


def _topics_left(session: Session, left: Left) -> Dialog[Next]:
    if left.why == "startover":
        return _back(session)
    if session.told and left.why == "silent":
        return (yield from endings.goodbye(session, "completed", "no further question"))
    if session.told and left.why == "goodbye":
        return (yield from endings.goodbye(session, "completed", "caller said goodbye"))
    return (yield from endings.left(session, left))


def _back(session: Session) -> Goto:
    """Return to the question that the caller came from."""
    session.told, session.more_topics = (), False
    return Goto("menu" if session.verified else "login")


# -- no number, no PIN ------------------------------------------------------------------------


def _help(missing: str) -> Form[Session]:
    """Say where to get it and what to do; then offer a person if one is available."""

    def tell(session: Session, _: Mapping[str, Filled]) -> Dialog[Next]:
        session.told = tuple(map(Prompt, HELP[missing]))
        session.wanted = missing
        yield Play(session.told)
        session.at((yield Now()))
        if session.is_open:
            return Goto("offer")
        yield Play(session.unreachable()[:1])
        return Goto("login")

    return Form(lambda _: (), tell, endings.left)


HELP: Mapping[str, tuple[str, ...]] = {
    "no_number": ("no_number.where", "no_number.none_yet"),
    "no_pin": ("no_pin.steps", "no_pin.reset"),
}
"""The prompts for a caller who lacks it."""


def _offer(session: Session) -> tuple[Field, ...]:
    return (Field("offer", YES_NO, told=session.told, links=LINKS),)


def _offer_answered(session: Session, answers: Mapping[str, Filled]) -> Dialog[Next]:
    if answers["offer"].value == "yes":
        return (yield from endings.person(session, _REASONS[str(session.wanted)]))
    session.told = ()
    return Goto("login")


_REASONS: Mapping[str, str] = {
    "no_number": "no license number at hand",
    "no_pin": "no PIN at hand",
}


def _offer_left(session: Session, left: Left) -> Dialog[Next]:
    if left.why == "startover":
        return Goto("login")
    if left.why == "command":
        return form_of(left)
    return (yield from endings.left(session, left))


FORMS: Mapping[str, Form[Session]] = {
    "information": Form(_topics, _topic_chosen, _topics_left),
    "no_number": _help("no_number"),
    "no_pin": _help("no_pin"),
    "offer": Form(_offer, _offer_answered, _offer_left),
}
