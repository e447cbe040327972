"""All that can be done with PINs, in any order, against a model of the rules (S4 to S6, S15, S17).

Callers, representatives, owners, a clock that goes forward, back and far ahead, and requests that
are sent again, the same or altered, at any age. After each step: a token only for the account's
own current PIN; every look at a PIN counted, none behind a lock or a budget that is used up, none
refused that the rules let in; and no refusal told from another.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.services.representative_desk import end_call
from tests.support.pin_world import (
    CALLERS,
    FIRST,
    OWNED,
    SECOND,
    STAFF,
    UNKNOWN,
    WITHOUT,
    PinWorld,
    Request,
)

pytestmark = pytest.mark.server

licenses = st.sampled_from([FIRST, FIRST, FIRST, SECOND, WITHOUT, UNKNOWN])
owned = st.sampled_from(list(OWNED))
pins = st.sampled_from(["5827", "9164", "7306", "1357"])
calls = st.sampled_from(["call-1", "call-2", "call-3"])
attempts = st.integers(1, 3)
callers = st.sampled_from(list(CALLERS))
staff = st.sampled_from(STAFF)
past = st.integers(0, 1_000)
"""Which of the requests or tokens there were, the latest first."""
moves = st.sampled_from(
    [
        timedelta(seconds=1),
        timedelta(seconds=29),
        timedelta(seconds=31),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=23, minutes=59),
        timedelta(hours=24),
        timedelta(days=5),
    ]
)
far = st.sampled_from(
    [timedelta(minutes=2), timedelta(hours=30), timedelta(days=40), timedelta(days=400)]
)


class PinMachine(RuleBasedStateMachine):
    """What may happen next."""

    def __init__(self) -> None:
        super().__init__()
        self.world = PinWorld()
        self.sent: list[Request] = []
        self.ahead: list[timedelta] = []

    def teardown(self) -> None:
        self.world.stack.close()

    def send(self, request: Request) -> None:
        self.sent.append(request)
        self.world.send(request)

    def earlier(self, which: int) -> Request:
        return self.sent[-1 - which % len(self.sent)]

    # -- callers -------------------------------------------------------------------------------

    @rule(whose=licenses, pin=pins, call=calls, attempt=attempts, caller=callers)
    def a_caller_presents(
        self, whose: str, pin: str, call: str, attempt: int, caller: str | None
    ) -> None:
        self.send(Request(whose, pin, call, attempt, caller))

    @rule(whose=owned, call=calls, attempt=attempts, caller=callers)
    def a_caller_presents_the_right_pin(
        self, whose: str, call: str, attempt: int, caller: str | None
    ) -> None:
        self.send(Request(whose, self.world.right_pin(whose), call, attempt, caller))

    @rule(pin=pins)
    def somebody_guesses_in_new_calls(self, pin: str) -> None:
        for _ in range(3):
            self.send(Request(FIRST, pin, f"new-{len(self.sent)}", 1, "6015550143"))

    @precondition(lambda self: self.sent)
    @rule(which=past)
    def a_request_is_repeated(self, which: int) -> None:
        self.send(self.earlier(which))

    @precondition(lambda self: self.sent)
    @rule(which=past, pin=pins)
    def a_request_is_repeated_with_another_pin(self, which: int, pin: str) -> None:
        self.send(replace(self.earlier(which), pin=pin))

    @precondition(lambda self: self.sent)
    @rule(which=past, whose=licenses, pin=pins)
    def a_request_is_repeated_for_another_account(self, which: int, whose: str, pin: str) -> None:
        self.send(replace(self.earlier(which), license_number=whose, pin=pin))

    @precondition(lambda self: self.world.tokens)
    @rule(which=past)
    def a_token_is_used(self, which: int) -> None:
        self.world.use_token(self.world.tokens[-1 - which % len(self.world.tokens)])

    # -- while a PIN is being looked at --------------------------------------------------------

    @rule(whose=owned, call=calls, attempt=attempts, pin=pins)
    def a_pin_is_changed_while_it_is_checked(
        self, whose: str, call: str, attempt: int, pin: str
    ) -> None:
        request = Request(whose, self.world.right_pin(whose), call, attempt, "6015550142")
        self.world.send(request, lambda: self.world.set_pin(whose, pin))

    @rule(whose=owned, call=calls, attempt=attempts)
    def a_request_is_repeated_while_it_is_checked(
        self, whose: str, call: str, attempt: int
    ) -> None:
        request = Request(whose, self.world.right_pin(whose), call, attempt, "6015550142")
        self.world.send(request, lambda: self.world.send_inside(request))

    @rule(call=calls, attempt=attempts, pin=pins)
    def others_guess_while_a_pin_is_checked(self, call: str, attempt: int, pin: str) -> None:
        name = f"inside-{len(self.sent)}"

        def guess() -> None:
            for index in range(5):
                caller = f"60155501{index:02}"
                self.world.send_inside(Request(FIRST, pin, f"{name}-{index}", 1, caller))

        right = self.world.right_pin(FIRST)
        self.world.send(Request(FIRST, right, call, attempt, "6015550142"), guess)

    # -- representatives -----------------------------------------------------------------------

    @rule(who=staff, whose=licenses, pin=pins)
    def a_representative_checks(self, who: str, whose: str, pin: str) -> None:
        self.sent.append(self.world.check(who, whose, pin))

    @rule(who=staff, whose=owned)
    def a_representative_checks_the_right_pin(self, who: str, whose: str) -> None:
        self.sent.append(self.world.check(who, whose, self.world.right_pin(whose)))

    @rule(who=staff)
    def a_representative_ends_the_call(self, who: str) -> None:
        end_call(self.world.context, self.world.me(who))

    @rule(who=staff, call=calls, whose=owned)
    def a_call_is_handed_over_and_taken(self, who: str, call: str, whose: str) -> None:
        self.world.hand_over(who, call, whose)

    @rule(who=staff, call=calls, whose=owned)
    def a_verified_call_is_handed_over_and_taken(self, who: str, call: str, whose: str) -> None:
        self.send(Request(whose, self.world.right_pin(whose), call, 1, "6015550142"))
        self.world.hand_over(who, call, whose)

    # -- owners --------------------------------------------------------------------------------

    @rule(whose=owned, pin=pins)
    def an_owner_sets_a_pin(self, whose: str, pin: str) -> None:
        self.world.set_pin(whose, pin)

    @rule(whose=owned)
    def an_owner_unlocks(self, whose: str) -> None:
        self.world.unlock(whose)

    # -- the clock, and who runs the service ---------------------------------------------------

    @rule(by=moves)
    def time_passes(self, by: timedelta) -> None:
        self.world.set_clock(by)

    @rule(by=moves)
    def the_clock_goes_back(self, by: timedelta) -> None:
        self.world.set_clock(-by)

    @rule(by=far)
    def the_clock_goes_far_ahead(self, by: timedelta) -> None:
        self.world.set_clock(by)
        self.ahead.append(by)

    @rule(by=far, pin=pins)
    def somebody_guesses_while_the_clock_is_ahead(self, by: timedelta, pin: str) -> None:
        self.world.set_clock(by)
        for _ in range(5):
            self.send(Request(FIRST, pin, f"new-{len(self.sent)}", 1, "6015550143"))
        self.world.set_clock(-by)

    @precondition(lambda self: self.ahead)
    @rule()
    def the_clock_is_set_right(self) -> None:
        self.world.set_clock(-self.ahead.pop())

    @rule()
    def old_rows_are_purged(self) -> None:
        self.world.purge()

    # -- what holds after every step -----------------------------------------------------------

    @invariant()
    def every_look_is_counted(self) -> None:
        self.world.compare()

    @invariant()
    def no_refusal_is_told_from_another(self) -> None:
        assert len(self.world.refusals) <= 1


TestPins = PinMachine.TestCase
TestPins.settings = settings(
    max_examples=15,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
