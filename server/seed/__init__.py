"""Fills an empty database with invented educators, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import ActivityEvent, ApplicationType, Role, Status
from server.errors import DatabaseError
from server.models import (
    Activity,
    Application,
    Educator,
    Holiday,
    PhoneAccess,
    Pin,
    User,
    WeeklyNotice,
)
from server.seed.calendar import Calendar
from server.seed.demonstration import ACCOUNTS, PASSWORD, STAFF, DemoAccount
from server.seed.names import email_of, name_of
from server.seed.stories import Story, add_license, tell
from server.services import audit

SEED = 2022
PINS_SET = datetime(2022, 3, 8, 15, 0, tzinfo=UTC)
NAME_CHANGED = date(2022, 3, 21)
OTHERS_PER_STATUS = 3
WEEKS_NEEDED = {
    Status.RECOMMENDATION_ONLY: 6,
    Status.RECEIVED: 0,
    Status.IN_REVIEW: 4,
    Status.REQUIREMENTS_SENT: 8,
    Status.DOCUMENT_RECEIVED: 12,
    Status.AWAITING_TRANSCRIPT: 6,
    Status.AWAITING_SCORES: 6,
    Status.READY_TO_ISSUE: 9,
    Status.ISSUED: 12,
    Status.REPRESENTATIVE_ONLY: 8,
}


def seed(context: Context) -> int:
    """Add everything in one transaction; return the number of educators.

    All dates are as far before the context's today as they were before the demonstration's own day.
    Raises DatabaseError if the database already has educators.
    """
    now, calendar = context.now(), Calendar(context.today())
    password = context.hasher.hash_password(PASSWORD)
    digests = {
        account.license_number: context.hasher.hash_pin(account.pin)
        for account in ACCOUNTS
        if account.pin
    }
    with context.database.write() as session:
        if session.scalar(select(func.count()).select_from(Educator)):
            raise DatabaseError("the database already has educators; seed an empty one")
        people = list(_educators(calendar))
        for educator, account in people:
            session.add(educator)
            session.flush()
            _open_account(session, educator, account, digests, password, calendar)
        _add_service(session, password, now, calendar)
        audit.record(
            session,
            at=now,
            actor="operator",
            action="database.seeded",
            subject="database",
            facts={"educators": len(people)},
        )
    return len(people)


def is_empty(context: Context) -> bool:
    """Return True if there are no educators yet."""
    with context.database.read() as session:
        return not session.scalar(select(func.count()).select_from(Educator))


def _educators(calendar: Calendar) -> Iterator[tuple[Educator, DemoAccount | None]]:
    rng = Random(SEED)
    taken = {account.license_number for account in ACCOUNTS}
    index = 0
    for account in ACCOUNTS:
        yield _demo_educator(account, index, rng, calendar), account
        index += 1
    for status in [status for status in Status for _ in range(OTHERS_PER_STATUS)] + [None] * 3:
        number = _number(rng, taken)
        educator = _educator(number, index)
        if status is None:
            add_license(educator, rng, calendar, rng.choice((2022, 2023, 2025)))
        else:
            story = Story(status, _kind(status, rng), calendar.moved(_filed(status, rng)))
            tell(educator, story, rng, calendar)
        yield educator, None
        index += 1


def _educator(number: str, index: int) -> Educator:
    name = name_of(index)
    return Educator(license_number=number, name=name, email=email_of(name))


def _demo_educator(account: DemoAccount, index: int, rng: Random, calendar: Calendar) -> Educator:
    educator = _educator(account.license_number, index)
    last_year = {"valid": 2026, "expiring": 2023, "expired": 2022}.get(account.standing)
    if last_year is not None and account.status is not Status.ISSUED:
        add_license(educator, rng, calendar, last_year)
        educator.activities.append(
            Activity(
                on=calendar.moved(date(2022, 4, 4) + timedelta(days=rng.randrange(40))),
                event=ActivityEvent.ADDRESS_CHANGED.value,
            )
        )
    if account.standing == "valid" and account.status is Status.ISSUED:
        educator.applications.append(_name_change(calendar))
    if account.status is not None:
        filed = calendar.moved(_filed(account.status, rng))
        if account.status is Status.RECEIVED:
            week = calendar.renewal_week if account.reached else calendar.other_week
            filed = week + timedelta(days=1 if account.reached else 15)
        tell(educator, Story(account.status, account.application_type, filed), rng, calendar)
    return educator


def _name_change(calendar: Calendar) -> Application:
    """An application that was completed in spring."""
    return Application(
        application_type=ApplicationType.NAME_CHANGE.value,
        status=Status.ISSUED.value,
        submitted=calendar.moved(NAME_CHANGED),
        received=calendar.moved(NAME_CHANGED),
    )


def _open_account(
    session: Session,
    educator: Educator,
    account: DemoAccount | None,
    digests: dict[str, str],
    password: str,
    calendar: Calendar,
) -> None:
    pace = account.pace.value if account else "normal"
    session.add(PhoneAccess(educator_id=educator.id, pace=pace))
    if educator.license_number in digests:
        digest = digests[educator.license_number]
        set_at = datetime.combine(calendar.moved(PINS_SET.date()), PINS_SET.timetz())
        session.add(Pin(educator_id=educator.id, digest=digest, set_at=set_at))
    session.add(
        User(
            username=educator.license_number,
            display_name=educator.name,
            role=Role.EDUCATOR.value,
            password_digest=password if account else None,
            educator_id=educator.id,
        )
    )


def _add_service(session: Session, password: str, now: datetime, calendar: Calendar) -> None:
    renewal, other = calendar.renewal_week, calendar.other_week
    session.add(WeeklyNotice(renewal_week=renewal, other_week=other, set_at=now))
    session.add_all(Holiday(on=on, name=name) for on, name in calendar.holidays())
    session.add_all(
        User(
            username=person.username,
            display_name=person.display_name,
            role=person.role.value,
            password_digest=password,
        )
        for person in STAFF
    )


def _number(rng: Random, taken: set[str]) -> str:
    while (number := f"{rng.randrange(100_000, 1_000_000)}") in taken:
        pass
    taken.add(number)
    return number


def _kind(status: Status, rng: Random) -> ApplicationType:
    """A type whose requirements can lead to this status."""
    if status is Status.AWAITING_TRANSCRIPT:
        return rng.choice((ApplicationType.STANDARD, ApplicationType.ENDORSEMENT))
    if status is Status.AWAITING_SCORES:
        return rng.choice((ApplicationType.ALTERNATE_ROUTE, ApplicationType.ADMINISTRATOR))
    if status is Status.RECOMMENDATION_ONLY:
        return ApplicationType.ALTERNATE_ROUTE
    return rng.choice(list(ApplicationType))


def _filed(status: Status, rng: Random) -> date:
    """A filing day in 2022, early enough for everything that followed."""
    weeks = WEEKS_NEEDED[status] + rng.randrange(4)
    return date(2022, 11, 28) - timedelta(days=7 * weeks + rng.randrange(5))
