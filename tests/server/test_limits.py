"""Both sides of every limit in time, twice round, also where the setting is not the default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from server.models import Attempt, AuditRow, Call, CallBack, Educator, OutboxNotice
from server.seed.demonstration import PASSWORD
from server.services import retention
from server.services.browsers import known
from server.services.handovers import handovers
from server.services.outbox import deliver
from server.settings import Settings
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.limit_steps import (
    NUMBER,
    RIGHT,
    WRONG,
    handed_over,
    nobody,
    numbers,
    presents,
    wrong_pins,
)
from tests.support.limits import walk

pytestmark = pytest.mark.server

CALLER = "+16015550142"
Limit: TypeAlias = tuple[Callable[[], object], Callable[[], bool]]
"""What begins it, and whether it holds."""
Row: TypeAlias = tuple[Callable[[Elms], Limit], dict[str, Any], timedelta]
"""A limit, settings, and how long it holds with them."""


# -- PINs ----------------------------------------------------------------------------------------


def of_a_call(elms: Elms) -> Limit:
    call = {"call_id": "one-call", "caller_number": CALLER}
    return lambda: wrong_pins(elms, 2, **call), lambda: not presents(elms, NUMBER, RIGHT, **call)


def of_a_caller(elms: Elms) -> Limit:
    call = {"caller_number": CALLER}
    return lambda: wrong_pins(elms, 2, **call), lambda: not presents(elms, NUMBER, RIGHT, **call)


def of_withheld_numbers(elms: Elms) -> Limit:
    return lambda: wrong_pins(elms, 2), lambda: not presents(elms, NUMBER, RIGHT)


def of_everybody(elms: Elms) -> Limit:
    def begin() -> None:
        for caller in range(2):
            wrong_pins(elms, 1, caller_number=f"601555010{caller}")

    return begin, lambda: not presents(elms, NUMBER, RIGHT, caller_number=CALLER)


def of_a_representative(elms: Elms) -> Limit:
    def check(number: str, pin: str) -> str:
        desk = Visitor(elms)
        desk.sign_in("representative")
        sent = desk.submit("/desk/check", "/desk", license_number=number, pin=pin, reason="Renewal")
        return sent.url.path

    def begin() -> None:
        assert check(nobody(), WRONG) == "/desk/check"

    return begin, lambda: check(NUMBER, RIGHT) != "/desk/account"


def of_a_repeat(elms: Elms) -> Limit:
    """A refusal that is asked for again is the same one; later it is an attempt of its own."""
    sent: dict[str, Any] = {}

    def begin() -> None:
        sent.update(call_id=f"repeat-{next(numbers)}", attempt=1)
        elms.verify("999999", WRONG, **sent)

    def repeated() -> bool:
        before = attempts(elms)
        elms.verify("999999", WRONG, **sent)
        return attempts(elms) == before

    return begin, repeated


def of_an_attempt_that_is_being_checked(elms: Elms) -> Limit:
    """Whoever asks again meanwhile is told to wait; later the check is thought dead."""
    sent: dict[str, Any] = {}

    def begin() -> None:
        sent.update(call_id=f"pending-{next(numbers)}", attempt=1)
        elms.verify("999999", WRONG, **sent)
        with elms.context.database.write() as session:
            newest = session.scalars(select(Attempt).order_by(Attempt.id.desc()).limit(1)).one()
            newest.result = "pending"

    return begin, lambda: elms.verify("999999", WRONG, **sent).status_code == 503


def attempts(elms: Elms) -> int:
    with elms.context.database.read() as session:
        return len(session.scalars(select(Attempt.id)).all())


# -- who is signed in or verified ----------------------------------------------------------------


def of_a_token(elms: Elms) -> Limit:
    headers = dict(BOT)

    def begin() -> None:
        headers["X-Call-Token"] = elms.token(NUMBER, RIGHT)

    def opens() -> bool:
        return bool(elms.client.get("/api/v1/account", headers=headers).status_code == 200)

    return begin, opens


def signed_in(elms: Elms, path: str) -> Limit:
    browsers: list[Visitor] = []

    def begin() -> None:
        browsers.append(Visitor(elms))
        browsers[-1].sign_in(NUMBER)

    return begin, lambda: browsers[-1].get(path).url.path == path


def of_an_idle_browser(elms: Elms) -> Limit:
    return signed_in(elms, "/home")


def of_a_fresh_password(elms: Elms) -> Limit:
    return signed_in(elms, "/pin")


def of_wrong_passwords(elms: Elms) -> Limit:
    stranger = Visitor(elms)

    def begin() -> None:
        stranger.client.cookies.clear()
        for _ in range(2):
            assert "is incorrect" in stranger.sign_in(NUMBER, "wrong password").text

    return begin, lambda: stranger.sign_in(NUMBER).status_code == 429


def of_an_address(elms: Elms) -> Limit:
    def begin() -> None:
        for name in (NUMBER, nobody()):
            assert "is incorrect" in Visitor(elms).sign_in(name, "wrong password").text

    return begin, lambda: Visitor(elms).sign_in(NUMBER).status_code == 429


def of_a_name_that_is_attacked(elms: Elms) -> Limit:
    def begin() -> None:
        for address in ("192.0.2.1", "192.0.2.2"):
            wrong = Visitor(elms, address).sign_in(NUMBER, "wrong password")
            assert "is incorrect" in wrong.text

    return begin, lambda: Visitor(elms, "192.0.2.1").sign_in(NUMBER).status_code == 429


def of_repeating_the_password(elms: Elms) -> Limit:
    browsers: list[Visitor] = []

    def confirm(password: str) -> int:
        sent = browsers[-1].submit("/confirm", "/confirm", password=password, next="/pin")
        return sent.status_code

    def begin() -> None:
        browsers.append(Visitor(elms))
        browsers[-1].sign_in(NUMBER)
        assert [confirm("wrong password") for _ in range(2)] == [403, 403]

    return begin, lambda: confirm(PASSWORD) == 429


# -- hand-over and mail --------------------------------------------------------------------------


def of_a_card(elms: Elms) -> Limit:
    return lambda: handed_over(elms), lambda: bool(handovers(elms.context))


def of_the_button_on_a_card(elms: Elms) -> Limit:
    return lambda: handed_over(elms), lambda: any(card.usable for card in handovers(elms.context))


def of_a_handover(elms: Elms) -> Limit:
    waiting: list[str] = []

    def takes() -> bool:
        desk = Visitor(elms)
        desk.sign_in("representative")
        answer = desk.submit("/desk/take", "/desk", call_id=waiting.pop())
        return answer.url.path == "/desk/account"

    return lambda: waiting.append(handed_over(elms)), takes


def of_a_claimed_mail(elms: Elms) -> Limit:
    """Whoever claimed a notice is thought dead after a while, and another sends it."""

    def begin() -> None:
        with elms.context.database.write() as session:
            someone = session.scalars(select(Educator.id).limit(1)).one()
            now = elms.clock.now
            session.add(
                OutboxNotice(educator_id=someone, kind="locked", created_at=now, claimed_at=now)
            )

    def is_left() -> bool:
        deliver(elms.context)
        with elms.context.database.read() as session:
            newest = select(OutboxNotice.sent_at).order_by(OutboxNotice.id.desc()).limit(1)
            return session.scalars(newest).one() is None

    return begin, is_left


# -- what is kept --------------------------------------------------------------------------------


def purged(elms: Elms, table: type[Attempt | Call | CallBack]) -> bool:
    retention.purge(elms.context)
    with elms.context.database.read() as session:
        return not session.scalars(select(table.id)).all()


def of_attempts(elms: Elms) -> Limit:
    return lambda: elms.verify("999999", WRONG), lambda: not purged(elms, Attempt)


def of_calls(elms: Elms) -> Limit:
    return lambda: handed_over(elms), lambda: not purged(elms, Call)


def of_call_backs(elms: Elms) -> Limit:
    promise = {"number": "6015550142", "earliest": "08:00", "latest": "12:00"}
    return lambda: handed_over(elms, call_back=promise), lambda: not purged(elms, CallBack)


def of_audit_rows(elms: Elms) -> Limit:
    """The first row of each round, which a purge takes once no row before it is young."""
    first: list[int] = []

    def numbers() -> list[int]:
        with elms.context.database.read() as session:
            return list(session.scalars(select(AuditRow.number).order_by(AuditRow.number)))

    def begin() -> None:
        elms.verify(NUMBER, WRONG)
        first.append(numbers()[-1])

    def is_kept() -> bool:
        retention.purge(elms.context)
        return first[-1] in numbers()

    return begin, is_kept


TABLE: list[Row] = [
    (of_a_call, {"limits": {"pins_per_call": 2}}, timedelta(hours=24)),
    (of_a_caller, {"limits": {"pins_per_caller": 2}}, timedelta(hours=24)),
    (of_withheld_numbers, {"limits": {"pins_withheld": 2}}, timedelta(hours=24)),
    (of_everybody, {"limits": {"pins_overall": 2}}, timedelta(hours=1)),
    (of_a_representative, {"limits": {"pins_per_representative": 1}}, timedelta(hours=24)),
    (of_a_repeat, {}, timedelta(minutes=1)),
    (of_an_attempt_that_is_being_checked, {}, timedelta(seconds=30)),
    (of_a_token, {}, timedelta(minutes=10)),
    (of_a_token, {"token_minutes": 3}, timedelta(minutes=3)),
    (of_an_idle_browser, {}, timedelta(minutes=30)),
    (of_an_idle_browser, {"session_minutes": 7}, timedelta(minutes=7)),
    (of_a_fresh_password, {}, timedelta(minutes=10)),
    (of_a_fresh_password, {"fresh_minutes": 2}, timedelta(minutes=2)),
    (of_wrong_passwords, {"limits": {"sign_ins": 2}}, timedelta(minutes=15)),
    (of_an_address, {"limits": {"sign_ins_per_address": 2}}, timedelta(minutes=15)),
    (
        of_a_name_that_is_attacked,
        {"limits": {"sign_ins_of_strangers": 2, "sign_ins_when_attacked": 1}},
        timedelta(hours=24),
    ),
    (of_repeating_the_password, {"limits": {"sign_ins": 2}}, timedelta(minutes=15)),
    (of_a_card, {}, timedelta(hours=2)),
    (of_the_button_on_a_card, {}, timedelta(minutes=15)),
    (of_a_handover, {}, timedelta(minutes=15)),
]
TO_THE_END: list[Row] = [
    (of_a_claimed_mail, {}, timedelta(minutes=5)),
    (of_attempts, {}, timedelta(days=90)),
    (of_attempts, {"retention": {"attempts_days": 7}}, timedelta(days=7)),
    (of_calls, {}, timedelta(days=400)),
    (of_calls, {"retention": {"calls_days": 30}}, timedelta(days=30)),
    (of_call_backs, {}, timedelta(days=30)),
    (of_call_backs, {"retention": {"call_backs_days": 7}}, timedelta(days=7)),
    (of_audit_rows, {}, timedelta(days=2_555)),
    (of_audit_rows, {"retention": {"audit_days": 100}}, timedelta(days=100)),
]
ELSEWHERE = {
    "limits.pins_per_account": "below, with the account's lock",
    "limits.lock_hours": "below",
    "limits.lock_hours_most": "below",
    "known_days": "below",
    "expiring_days": "below",
    "limits.requests_per_minute": "test_api.py, with its bucket",
    "limits.page_requests_per_minute": "test_api.py, with its bucket",
    "network.handshake_s": "test_connections.py, in real time",
    "network.head_s": "test_connections.py, in real time",
    "network.body_s": "test_connections.py, in real time",
    "network.answer_s": "test_connections.py, in real time",
    "network.idle_s": "test_connections.py, in real time",
    "network.refused_s": "test_connections.py, in real time",
    "places.wait_s": "test_requests.py, in real time",
}
"""Settings of time, and of how much in a time, that are walked in another test."""

IN_TIME = ("_days", "_hours", "_hours_most", "_minutes", "_minute", "_s")


def test_every_setting_of_time_is_walked_at_a_value_that_is_not_the_default() -> None:
    sections = {
        name: field.annotation.model_fields
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    every = {f"{name}.{key}" for name, section in sections.items() for key in section}
    every |= set(Settings.model_fields) - set(sections)
    walked = {name for _, settings, _ in [*TABLE, *TO_THE_END] for name in names(settings)}
    limits = {name for name in every if name.endswith(IN_TIME) or name.startswith("limits.")}
    assert limits == walked | set(ELSEWHERE)
    assert not walked & set(ELSEWHERE)


def names(settings: dict[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        yield from (f"{name}.{key}" for key in value) if isinstance(value, dict) else [name]


@pytest.mark.parametrize(
    ("limit", "settings", "lasts", "to_the_end"),
    [(*row, False) for row in TABLE] + [(*row, True) for row in TO_THE_END],
)
def test_a_limit_lasts_exactly_its_time(
    tmp_path: Path,
    limit: Callable[[Elms], Limit],
    settings: dict[str, Any],
    lasts: timedelta,
    to_the_end: bool,
) -> None:
    with running_elms(tmp_path, **settings) as elms:
        begin, holds = limit(elms)
        walk(elms.clock, lasts, begin, holds, to_the_end=to_the_end)


# -- the account's lock --------------------------------------------------------------------------


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


# -- a session that is used ----------------------------------------------------------------------


# -- whole days ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("settings", "days"), [({}, 180), ({"known_days": 9}, 9)])
def test_a_browser_is_known_for_a_fixed_number_of_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, int], days: int
) -> None:
    """Looked at by the clock of the library that signs the cookie."""
    now_s = [1_670_000_000]
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now_s[0])
    with running_elms(tmp_path, limits={"sign_ins": 1}, **settings) as elms:
        for seconds, is_known in ((-1, True), (0, True), (1, False)) * 2:
            visitor = Visitor(elms)
            signed_in = visitor.sign_in(NUMBER)
            cookies = [each for r in signed_in.history for each in r.headers.get_list("set-cookie")]
            assert any(f"Max-Age={days * 86_400};" in each for each in cookies)
            header = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
            now_s[0] += days * 86_400 + seconds
            assert (known(elms.context, header) is not None) is is_known
