"""A month of invented calls before the demonstration: all outcomes, busy and quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Role
from server.models import Call, Turn, User
from server.seed.demonstration import ACCOUNTS
from server.services import audit

SEED = 30
DAYS = 30
PER_HOUR = {8: 3, 9: 5, 10: 7, 11: 5, 12: 2, 13: 4, 14: 6, 15: 4, 16: 3, 17: 1, 19: 1, 21: 1}
"""Calls of a working day by the hour at which they begin; a tenth of it on a weekend."""
GREETING = (
    "Thank you for calling Mississippi educator licensure. I can tell you the status of your "
    "application. At any time, say help, or say representative. "
)
ASKED = {
    "license_number": "Please say or key your six digit license number. "
    "If you have none, say information, or press pound.",
    "yesno": "I heard, [number]. Is that right?",
    "pin": "Please say or key your four digit PIN. If others can hear you, use the keypad.",
    "menu": "To hear your status again, press one. For other account activity, press two. "
    "For renewal information, press three. To finish, press four.",
}
MISSED = {"nomatch": "Sorry, I did not get that. ", "noinput": "Sorry, I did not hear you. "}
REFUSED = "I could not verify that license number and PIN. "
LAST = {
    "completed": "Thank you for calling. Goodbye.",
    "transferred": "I am connecting you to a representative. You will not need to repeat anything.",
    "closed": "Our office is closed now. Thank you for calling. Goodbye.",
    "gave-up": "Thank you for calling. Goodbye.",
    "failed": "I cannot reach our records right now. Thank you for calling. Goodbye.",
}
"""What callers heard, in the prompts' words."""
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class Told:
    """One question as a caller answered it, in few words.

    ``how`` is ``said``, ``keyed``, ``missed`` (not understood), ``silent``, ``wrong`` (a PIN that
    was refused), or ``left``.
    """

    field: str
    how: str


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a call; ``share`` is its frequency in percent."""

    share: int
    outcome: str
    reason: str
    told: tuple[Told, ...]
    verified: bool = True
    wanted: str | None = None
    failed_field: str | None = None


def _told(*steps: str) -> tuple[Told, ...]:
    return tuple(Told(*step.split(" ")) for step in steps)


NUMBER, PIN = "license_number", "pin"
COURSES = (
    Course(30, "completed", "caller said goodbye",
           _told("license_number said", "pin keyed", "menu keyed")),
    Course(16, "completed", "caller said goodbye",
           _told("license_number keyed", "pin keyed", "menu said", "menu said")),
    Course(8, "completed", "no further question",
           _told("license_number said", "yesno said", "pin said", "menu silent", "menu silent")),
    Course(6, "completed", "caller said goodbye",
           _told("license_number missed", "license_number said", "pin wrong", "pin keyed",
                 "menu keyed")),
    Course(12, "hangup", "caller left at menu",
           _told("license_number said", "pin keyed", "menu left")),
    Course(5, "hangup", "caller left at license_number", _told("license_number left"), False),
    Course(3, "hangup", "caller left at pin",
           _told("license_number keyed", "pin wrong", "pin left"), False),
    Course(8, "transferred", "caller asked",
           _told("license_number said", "pin keyed", "menu said"), wanted="representative"),
    Course(5, "transferred", "could not understand license_number",
           _told("license_number missed", "license_number missed", "license_number silent"),
           False, failed_field=NUMBER),
    Course(3, "transferred", "three PINs that were not right",
           _told("license_number keyed", "pin wrong", "pin wrong", "pin wrong"), False,
           failed_field=PIN),
    Course(2, "gave-up", "could not understand license_number",
           _told("license_number missed", "license_number missed", "license_number missed"),
           False),
    Course(2, "failed", "records could not be reached",
           _told("license_number said", "pin keyed"), False),
)  # fmt: skip
BY_NIGHT = Course(0, "closed", "caller asked", _told("license_number said", "pin keyed",
                                                     "menu said"))  # fmt: skip
OPEN = (COURSES[7], COURSES[8])
"""Outcomes of which one call each is waiting for a representative when the demonstration begins."""


def invent_calls(context: Context) -> int:
    """Add the month that ends now, two calls of which are waiting to be taken; return how many."""
    rng = Random(SEED)
    now = context.now()
    calls = [_call(rng, course, at) for at, course in _begun(rng, now, context.settings.timezone)]
    waiting = [
        _call(rng, course, now - timedelta(minutes=minutes), taken=False)
        for minutes, course in zip((9, 6), OPEN, strict=True)
    ]
    for number, call in enumerate([*calls, *waiting]):
        call.call_id = f"invented-{number:04}"
    with context.database.write() as session:
        somebody = _representative(session)
        for call in calls:
            call.taken_by = somebody if call.handover else None
        session.add_all([*calls, *waiting])
        audit.record(
            session,
            at=now,
            actor="operator",
            action="calls.invented",
            subject="database",
            facts={"calls": len(calls) + len(waiting)},
        )
    return len(calls) + len(waiting)


def _representative(session: Session) -> User | None:
    return session.scalars(select(User).where(User.role == Role.REPRESENTATIVE.value)).first()


def _begun(rng: Random, now: datetime, timezone: str) -> list[tuple[datetime, Course]]:
    zone = ZoneInfo(timezone)
    found = []
    for days in range(DAYS, -1, -1):
        day = (now - timedelta(days=days)).astimezone(zone)
        for hour, usual in PER_HOUR.items():
            for _ in range(usual):
                at = day.replace(
                    hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0
                )
                kept = rng.random() < (0.1 if day.weekday() > 4 else 1.0)
                too_young = at > now - timedelta(minutes=15)
                if kept and not too_young and at > now - timedelta(days=DAYS):
                    found.append((at, _course(rng, by_night=hour > 17 or day.weekday() > 4)))
    return found


def _course(rng: Random, by_night: bool) -> Course:
    drawn = rng.choices(COURSES, [course.share for course in COURSES])[0]
    return BY_NIGHT if by_night and drawn.outcome == "transferred" else drawn


def _call(rng: Random, course: Course, at: datetime, taken: bool = True) -> Call:
    account = rng.choice([account for account in ACCOUNTS if account.pin])
    number = account.license_number if course.verified else None
    turns = _turns(rng, course.told, account.license_number)
    duration_ms = (turns[-1].end_ms if turns else 0) + rng.randrange(1_000, 9_000)
    handed_over = course.outcome == "transferred"
    handover = {
        "reason": course.reason,
        "license_number": number,
        "verified": course.verified,
        "failed_field": course.failed_field,
        "wanted": course.wanted,
    }
    ended = at + timedelta(milliseconds=duration_ms)
    return Call(
        started_at=at,
        stored_at=ended,
        line="invented",
        duration_ms=duration_ms,
        outcome=course.outcome,
        reason=course.reason,
        verified=course.verified,
        license_number=number,
        handover=handover if handed_over else None,
        taken_at=ended + timedelta(seconds=rng.randrange(5, 90)) if taken and handed_over else None,
        turns=turns,
        heard=LAST.get(course.outcome),
    )


def _turns(rng: Random, told: Sequence[Told], number: str) -> list[Turn]:
    turns: list[Turn] = []
    at_ms = 6_000
    asked: dict[str, int] = {}
    for position, step in enumerate(told):
        asked[step.field] = asked.get(step.field, 0) + 1
        turn = _turn(rng, step, at_ms, number)
        turn.position, turn.attempt = position, asked[step.field]
        _add_what_was_heard(turn, turns, number)
        turns.append(turn)
        at_ms = turn.end_ms + rng.randrange(400, 9_000)
    return turns


def _add_what_was_heard(turn: Turn, before: Sequence[Turn], number: str) -> None:
    """Return what was said before a turn; if a barge-in stopped it, without the last sentence."""
    spelled = ", ".join(WORDS[int(digit)] for digit in number)
    asked = ASKED[turn.field].replace("[number]", spelled)
    heard, told = "", ""
    if not before:
        heard = GREETING
    elif before[-1].field == turn.field:
        heard = MISSED.get(before[-1].result, REFUSED if turn.field == PIN else "")
    if turn.field == "menu" and before and before[-1].result == "match":
        told = "[not kept] "
    turn.heard = heard + told + asked
    if turn.bargein and asked.count(". ") > 1:
        first, second, last = asked.split(". ", 2)
        turn.heard = f"{heard}{told}{first}. {second}. [interrupted]"
        turn.unheard = last


def _turn(rng: Random, step: Told, start_ms: int, number: str) -> Turn:
    prompt_end = start_ms + rng.randrange(2_000, 5_000)
    heard = step.how in {"said", "keyed", "missed", "wrong"}
    speech = prompt_end + rng.randrange(300, 2_500)
    end = speech + rng.randrange(900, 4_000) if heard else prompt_end + rng.randrange(2_000, 9_000)
    keyed = step.how == "keyed" or (step.how == "wrong" and rng.random() < 0.7)
    matched = step.how in {"said", "keyed", "wrong"}
    spoken = matched and not keyed
    value = {NUMBER: number, "yesno": "yes", "menu": "status"}.get(step.field) if matched else None
    confidence = round(rng.betavariate(14, 1.2), 3) if spoken else 1.0
    return Turn(
        field=step.field,
        result={"missed": "nomatch", "silent": "noinput", "left": "hangup"}.get(step.how, "match"),
        start_ms=start_ms,
        end_ms=end,
        prompt_end_ms=prompt_end,
        speech_start_ms=speech if heard else None,
        speech_end_ms=end - 300 if heard else None,
        reply_after_ms=rng.randrange(150, 420) if heard else None,
        mode=("dtmf" if keyed else "voice") if heard else None,
        confidence=confidence if matched else None,
        utterance=_utterance(step.field, number) if spoken else None,
        value=value,
        grammar=None,
        bargein=rng.random() < 0.3 and heard,
        decision=("confirm" if confidence < 0.8 else "accept") if matched else None,
        partials=[],
    )


def _utterance(field: str, number: str) -> str | None:
    spelled = " ".join(WORDS[int(digit)] for digit in number)
    return {NUMBER: spelled, "yesno": "yes", "menu": "status"}.get(field)
