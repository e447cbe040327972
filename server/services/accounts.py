"""The facts that telephone and pages may show of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from server.domain import ApplicationType, LicenseState, Queue, Status
from server.models import Application, Educator, Holiday, License, WeeklyNotice

WEEK = timedelta(days=7)
USUAL = 5 * WEEK
"""The usual longest processing time: "at least three to five weeks"."""
REINSTATING = frozenset({ApplicationType.REINSTATEMENT, ApplicationType.RENEWAL})
"""Applications after which nobody is told to apply for reinstatement."""
ACTIVITIES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Weeks:
    """The two weeks being processed now, each given by its Monday."""

    renewal: date | None
    other: date | None

    def of(self, queue: Queue) -> date | None:
        """The week being processed in a queue."""
        return self.renewal if queue is Queue.RENEWAL else self.other


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """The most recently submitted application; many attributes because each is a fact to tell."""

    status: Status
    application_type: str
    queue: Queue
    received: date | None = None
    processing_week: date | None = None
    reached: bool = True
    letter_sent: date | None = None
    still_needed: tuple[str, ...] = ()
    document: str | None = None
    document_received: date | None = None
    license_class: str | None = None
    issued: date | None = None
    valid_through: date | None = None
    waited_weeks: int = 0
    overdue: bool = False

    @property
    def is_open(self) -> bool:
        """True if the division still has something to do or to wait for."""
        return self.status is not Status.ISSUED


@dataclass(frozen=True, slots=True)
class LicenseFacts:
    """One license."""

    license_class: str
    license_type: str
    valid_through: date
    state: LicenseState
    renewable: bool
    issued: date


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """One line of account activity."""

    on: date
    event: str
    subject: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """Everything disclosed about an educator; no name, address, or birth date (S9).

    ``earlier`` are the applications before the most recent one, for the pages.
    """

    application: ApplicationFacts | None
    earlier: tuple[ApplicationFacts, ...]
    licenses: tuple[LicenseFacts, ...]
    activities: tuple[ActivityFacts, ...]

    @property
    def other_open(self) -> tuple[str, ...]:
        """Types of the open applications before the most recent one."""
        return tuple(each.application_type for each in self.earlier if each.is_open)

    @property
    def may_reinstate(self) -> bool:
        """True if no license is valid any more, and no open application would change that."""
        latest = (self.application,) if self.application else ()
        pending = {each.application_type for each in (*latest, *self.earlier) if each.is_open}
        expired = [each.state is LicenseState.EXPIRED for each in self.licenses]
        return bool(expired) and all(expired) and not pending & REINSTATING


def account_of(
    session: Session, educator_id: int, today: date, expiring_days: int
) -> AccountFacts | None:
    """The facts of an educator today, or None if there is no such educator."""
    educator = session.scalars(
        select(Educator)
        .where(Educator.id == educator_id)
        .options(
            selectinload(Educator.applications).selectinload(Application.documents),
            selectinload(Educator.licenses),
            selectinload(Educator.activities),
        )
    ).one_or_none()
    if educator is None:
        return None
    weeks = current_weeks(session)
    applications = tuple(application_facts(each, weeks, today) for each in educator.applications)
    return AccountFacts(
        application=applications[0] if applications else None,
        earlier=applications[1:],
        licenses=tuple(license_facts(each, today, expiring_days) for each in educator.licenses),
        activities=tuple(
            ActivityFacts(each.on, each.event, each.subject)
            for each in educator.activities[:ACTIVITIES_TOLD]
        ),
    )


def application_facts(application: Application, weeks: Weeks, today: date) -> ApplicationFacts:
    """The facts of an application; of REPRESENTATIVE_ONLY only that status (S9)."""
    kind = ApplicationType(application.application_type)
    status = Status(application.status)
    if status is Status.REPRESENTATIVE_ONLY:
        return ApplicationFacts(status, kind.value, kind.queue)
    week = weeks.of(kind.queue)
    received = application.received
    waited = max(today - received, timedelta(0)) if received else timedelta(0)
    return ApplicationFacts(
        status=status,
        application_type=kind.value,
        queue=kind.queue,
        received=received,
        processing_week=week,
        reached=received is None or week is None or received < week + WEEK,
        letter_sent=application.letter_sent,
        still_needed=tuple(each.name for each in application.documents if each.received is None),
        document=application.document,
        document_received=application.document_received,
        license_class=application.license_class,
        issued=application.issued,
        valid_through=application.valid_through,
        waited_weeks=waited // WEEK,
        overdue=waited > USUAL,
    )


def license_facts(license_: License, today: date, expiring_days: int) -> LicenseFacts:
    """The facts of a license, with its state today."""
    left = (license_.valid_through - today).days
    state = LicenseState.VALID
    if left < 0:
        state = LicenseState.EXPIRED
    elif left <= expiring_days:
        state = LicenseState.EXPIRING
    return LicenseFacts(
        license_class=license_.license_class,
        license_type=license_.license_type,
        valid_through=license_.valid_through,
        state=state,
        renewable=license_.renewable,
        issued=license_.issued,
    )


def current_weeks(session: Session) -> Weeks:
    """The newest weekly notice."""
    notice = session.scalars(select(WeeklyNotice).order_by(WeeklyNotice.id.desc()).limit(1)).first()
    if notice is None:
        return Weeks(None, None)
    return Weeks(notice.renewal_week, notice.other_week)


def holidays(session: Session) -> tuple[Holiday, ...]:
    """The closed days, in order."""
    return tuple(session.scalars(select(Holiday).order_by(Holiday.on)))
