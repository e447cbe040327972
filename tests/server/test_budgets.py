"""Budgets: exact in any window, one for each caller however the number is written (S5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.models import Attempt, BudgetUse
from server.seed.demonstration import ACCOUNTS
from server.services.budgets import Allowance, count, give_back, has_room
from server.services.callers import e164
from tests.support.elms_service import Elms, running_elms, used
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
WRONG = "1357"
CALLER = "+16015550142"
REFUSED = b'{"verified":false,"token":null,"pace":"normal"}'
START = datetime(2022, 12, 5, 16, 0, tzinfo=UTC)
WINDOW = timedelta(seconds=60)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def spend(session: Session, allowances: Sequence[Allowance], now: datetime) -> tuple[int, ...]:
    """Count one use of each if all have room, as services do in two steps."""
    return count(session, allowances, now, has_room(session, allowances, now))


def wrong_from(elms: Elms, caller: str, times: int) -> list[str]:
    """What became of wrong PINs for unknown numbers from one caller."""
    for index in range(times):
        assert elms.verify(f"11{index:04}", WRONG, caller_number=caller).content == REFUSED
    with elms.context.database.read() as session:
        found = session.scalars(select(Attempt.result).order_by(Attempt.id.desc()).limit(times))
        return list(reversed(found.all()))


# -- windows -----------------------------------------------------------------------------------


def test_no_moment_of_a_window_allows_twice_the_budget(elms: Elms) -> None:
    """One wrong PIN, fourteen a day later, and the window of the first ends."""
    wrong_from(elms, CALLER, 1)
    elms.clock.move(hours=23, minutes=59)
    assert wrong_from(elms, CALLER, 14) == ["unknown"] * 14
    elms.clock.move(minutes=2)
    assert wrong_from(elms, CALLER, 15) == ["unknown", *["over-budget"] * 14]


def test_further_requests_do_not_keep_a_budget_closed(elms: Elms) -> None:
    wrong_from(elms, CALLER, 15)
    for _ in range(12):
        elms.clock.move(hours=2, seconds=-1)
        assert wrong_from(elms, CALLER, 3) == ["over-budget"] * 3
    elms.clock.move(seconds=12)
    assert elms.verify(NUMBER, RIGHT, caller_number=CALLER).json()["verified"]


def test_a_use_refused_by_one_budget_counts_in_no_other(elms: Elms) -> None:
    """A caller whose own budget is used up does not use up everybody's by calling on."""
    wrong_from(elms, CALLER, 40)
    assert used(elms, "overall") == 15


steps = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["spend", "give back"])), min_size=1, max_size=60
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps, most=st.integers(1, 4))
def test_every_window_counts_exactly_its_uses(
    elms: Elms, steps: list[tuple[int, str]], most: int
) -> None:
    """Against a list of times: a use is taken exactly where fewer lie within the last window."""
    database = elms.context.database
    with database.write() as session:
        session.execute(delete(BudgetUse))
    allowance = Allowance("mine", most, WINDOW)
    taken: list[tuple[datetime, tuple[int, ...]]] = []
    now = START
    for seconds, action in steps:
        now += timedelta(seconds=seconds)
        with database.write() as session:
            if action == "give back":
                if taken:
                    give_back(session, taken.pop()[1])
                continue
            uses = spend(session, (allowance,), now)
        within = [time for time, _ in taken if now - time < WINDOW]
        assert bool(uses) == (len(within) < most)
        if uses:
            taken.append((now, uses))


def test_several_budgets_are_charged_together_or_not_at_all(elms: Elms) -> None:
    both = (Allowance("small", 1, WINDOW), Allowance("large", 9, WINDOW))
    with elms.context.database.write() as session:
        assert len(spend(session, both, START)) == 2
        assert spend(session, both, START) == ()
    assert (used(elms, "small"), used(elms, "large")) == (1, 1)


def test_a_use_counts_only_in_its_own_budget(elms: Elms) -> None:
    """Whatever is done with one budget, the others stay as they are: twice in turn."""
    one, other = (Allowance(key, 3, WINDOW) for key in ("one", "other"))
    for round_ in (1, 2):
        now = START + (round_ - 1) * WINDOW
        with elms.context.database.write() as session:
            kept = spend(session, (other,), now)
            for _ in range(4):
                spent = spend(session, (one,), now)
            assert spent == ()
            assert len(kept) == 1
        assert (used(elms, "one"), used(elms, "other")) == (3, 1)
        with elms.context.database.write() as session:
            give_back(session, kept)
        assert (used(elms, "one"), used(elms, "other")) == (3, 0)


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        (timedelta(hours=24, seconds=-1), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
    ],
)
def test_a_window_cannot_be_longer_than_uses_are_kept(window: timedelta, kept: bool) -> None:
    with nullcontext() if kept else pytest.raises(ValueError, match="longer than uses are kept"):
        Allowance("mine", 1, window)


def test_a_use_dated_ahead_counts_for_one_window_in_its_own_budget(
    elms: Elms,
) -> None:
    one, other = (Allowance(key, 1, WINDOW) for key in ("one", "other"))
    ahead = START + timedelta(days=40)
    with elms.context.database.write() as session:
        assert len(spend(session, (one, other), ahead)) == 2
        assert spend(session, (one,), START) == ()
    with elms.context.database.read() as session:
        times = {use.key: use.at for use in session.scalars(select(BudgetUse))}
    assert times == {"one": START, "other": ahead}
    with elms.context.database.write() as session:
        assert spend(session, (one,), START + WINDOW - timedelta(seconds=1)) == ()
        assert len(spend(session, (one,), START + WINDOW)) == 1


# -- whose budget --------------------------------------------------------------------------------

SAME_CALLER = [
    "6015550142",
    "16015550142",
    "+16015550142",
    "+6015550142",
    "0016015550142",
    "011 1 601 555 0142",
    "601-555-0142",
    "601.555.0142",
    "(601) 555-0142",
    "+1 (601) 555-0142",
    "+1 601 555 0142",
    " 6015550142 ",
    "601 555 0142 ext. 7",
    "tel:+1-601-555-0142",
    "tel:6015550142;phone-context=+1",
    "sip:6015550142@192.0.2.7",
    "sips:+16015550142@pbx.example",
    '"A, B" <sip:6015550142@a.example>',
    "６０１５５５０１４２",
    "＋１６０１５５５０１４２",
    "٦٠١٥٥٥٠١٤٢",
    "\u202a6015550142\u202c",
    "601\u200b555\u200b0142",
]
NOBODYS = [
    None,
    "",
    " ",
    "anonymous",
    "Anonymous",
    "ANONYMOUS",
    "ａｎｏｎｙｍｏｕｓ",
    "anonymous@anonymous.invalid",
    "sip:anonymous@anonymous.invalid",
    "restricted",
    "private",
    "Unavailable",
    "unknown",
    "+",
    "0",
    "1001",
    "000000000000000000000000",
    "sip:reception@pbx.example",
]


@pytest.mark.parametrize("written", SAME_CALLER)
def test_a_caller_is_one_however_the_number_is_formatted(written: str) -> None:
    assert e164(written) == "+16015550142"


@pytest.mark.parametrize("written", NOBODYS)
def test_anything_but_a_number_counts_as_withheld(written: str | None) -> None:
    assert e164(written or "") is None


@pytest.mark.parametrize(
    ("written", "number"),
    [("+44 20 7946 0958", "+442079460958"), ("011 44 20 7946 0958", "+442079460958")],
)
def test_a_foreign_number_keeps_its_country_code(written: str, number: str) -> None:
    assert e164(written) == number


separators = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2011", ") ", " ("])
digits = st.sampled_from([0x30, 0xFF10, 0x0660, 0x06F0, 0x0966])
"""Where the ten digits begin in Unicode: ASCII, full width, three other scripts."""


@given(
    number=st.from_regex(r"[2-9][0-8][0-9][2-9][0-9]{6}", fullmatch=True),
    zero=digits,
    between=st.tuples(separators, separators),
    prefix=st.sampled_from(["", "1", "+1", "1-", "+1 ", "011 1 ", "001 ", "sip:", "sip:+1"]),
    suffix=st.sampled_from(["", " ", "@pbx.example", ";ext=3"]),
)
def test_no_format_of_a_number_makes_it_another_number(
    number: str, zero: int, between: tuple[str, str], prefix: str, suffix: str
) -> None:
    shown = [chr(zero + int(digit)) for digit in number]
    national = "".join((*shown[:3], between[0], *shown[3:6], between[1], *shown[6:]))
    plain = e164(number)
    assert plain == f"+1{number}"
    assert e164(prefix + national + suffix) == plain


@given(st.text(max_size=32))
def test_any_text_in_place_of_a_number_is_accepted(written: str) -> None:
    number = e164(written)
    assert number is None or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())


def test_all_formats_of_a_number_share_one_budget(elms: Elms) -> None:
    for index, written in enumerate(SAME_CALLER):
        if len(written) <= 32:
            elms.verify(f"22{index:04}", WRONG, caller_number=written)
    with elms.context.database.read() as session:
        counted = list(session.scalars(select(Attempt.result)))
        keys = set(session.scalars(select(BudgetUse.key)))
    assert counted.count("unknown") == 15
    assert len([key for key in keys if key.startswith("caller:")]) == 1


def test_all_withheld_numbers_share_one_budget(elms: Elms) -> None:
    for index, written in enumerate(NOBODYS):
        elms.verify(f"22{index:04}", WRONG, caller_number=written)
    assert used(elms, "withheld") == len(NOBODYS)


# -- a representative ------------------------------------------------------------------------------


def test_a_representative_can_check_sixty_wrong_pins_a_day(elms: Elms) -> None:
    desk = Visitor(elms)
    desk.sign_in("representative")
    csrf = desk.csrf("/desk")

    def check(number: str, pin: str) -> str:
        fields = {"csrf": csrf, "license_number": number, "pin": pin, "reason": "Renewal"}
        page = desk.post("/desk/check", fields)
        desk.post("/desk/end", {"csrf": csrf})
        return page.url.path if page.url.path == "/desk/account" else page.text

    for index in range(60):
        assert "Not verified" in check(f"33{index:04}", WRONG)
    assert "Locked" in check(NUMBER, RIGHT)
    elms.clock.move(hours=24)
    desk.sign_in("representative")
    csrf = desk.csrf("/desk")
    assert check(NUMBER, RIGHT) == "/desk/account"
