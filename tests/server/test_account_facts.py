"""What telephone and pages are told of an account: waiting, other applications, reinstatement."""

from __future__ import annotations

from datetime import date

import pytest

from server.domain import ApplicationType, LicenseState, Queue, Status
from server.models import Application
from server.services.accounts import (
    AccountFacts,
    ApplicationFacts,
    LicenseFacts,
    Weeks,
    application_facts,
)

pytestmark = pytest.mark.server

NOBODY = Weeks(None, None)


def applied(status: Status = Status.RECEIVED, kind: str = "renewal") -> ApplicationFacts:
    return ApplicationFacts(status, kind, Queue.OTHER)


def held(state: LicenseState) -> LicenseFacts:
    day = date(2021, 6, 30)
    return LicenseFacts("A", "five-year standard", day, state, True, date(2016, 7, 1))


def facts(
    latest: ApplicationFacts | None, *earlier: ApplicationFacts, states: tuple[str, ...] = ()
) -> AccountFacts:
    licenses = tuple(held(LicenseState(state)) for state in states)
    return AccountFacts(latest, earlier, licenses, ())


@pytest.mark.parametrize(
    ("today", "weeks", "overdue"),
    [
        (date(2022, 10, 3), 0, False),
        (date(2022, 10, 9), 0, False),
        (date(2022, 10, 10), 1, False),
        (date(2022, 11, 7), 5, False),
        (date(2022, 11, 8), 5, True),
        (date(2022, 9, 1), 0, False),
    ],
)
def test_an_application_has_waited_whole_weeks_and_is_overdue_after_five(
    today: date, weeks: int, overdue: bool
) -> None:
    application = Application(
        application_type="renewal", status="RECEIVED", received=date(2022, 10, 3), documents=[]
    )
    told = application_facts(application, NOBODY, today)
    assert (told.waited_weeks, told.overdue) == (weeks, overdue)


def test_other_applications_are_listed_while_they_are_open() -> None:
    account = facts(
        applied(), applied(kind="name change"), applied(Status.ISSUED, "supplemental endorsement")
    )
    assert account.other_open == ("name change",)


@pytest.mark.parametrize(
    ("latest", "states", "may"),
    [
        (None, ("expired",), True),
        (None, ("expired", "expired"), True),
        (None, (), False),
        (None, ("expired", "valid"), False),
        (None, ("expiring",), False),
        (applied(kind="name change"), ("expired",), True),
        (applied(kind=ApplicationType.REINSTATEMENT.value), ("expired",), False),
        (applied(kind="renewal"), ("expired",), False),
        (applied(Status.ISSUED, "renewal"), ("expired",), True),
    ],
)
def test_an_educator_with_only_expired_licenses_and_no_application_can_apply_for_reinstatement(
    latest: ApplicationFacts | None, states: tuple[str, ...], may: bool
) -> None:
    assert facts(latest, states=states).may_reinstate is may


def test_an_earlier_application_for_reinstatement_counts_as_well() -> None:
    account = facts(applied(kind="name change"), applied(kind="reinstatement"), states=("expired",))
    assert not account.may_reinstate
