"""The demonstration's accounts: invented people whose numbers, PINs, and passwords are public.

They exist only in the demonstration mode, which listens only on this computer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from server.domain import ApplicationType, Pace, Role, Status

PASSWORD = "Magnolia-2022"  # noqa: S105 - the demonstration's, printed at its start

Standing = Literal["valid", "expiring", "expired", "none"]


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One educator; ``status`` is None without an application, ``pin`` is None if not set."""

    license_number: str
    pin: str | None = field(repr=False)
    status: Status | None
    application_type: ApplicationType = ApplicationType.STANDARD
    standing: Standing = "none"
    pace: Pace = Pace.NORMAL
    reached: bool = True


RENEWAL = ApplicationType.RENEWAL
ACCOUNTS = (
    DemoAccount("421903", "5827", Status.IN_REVIEW, ApplicationType.STANDARD),
    DemoAccount("300715", "9164", Status.REQUIREMENTS_SENT, ApplicationType.RECIPROCITY),
    DemoAccount("518246", "7093", Status.RECEIVED, ApplicationType.ENDORSEMENT, reached=False),
    DemoAccount("265480", "3871", Status.RECEIVED, RENEWAL, standing="expiring"),
    DemoAccount("104837", "6259", Status.RECOMMENDATION_ONLY, ApplicationType.ALTERNATE_ROUTE),
    DemoAccount("739512", "8046", Status.DOCUMENT_RECEIVED, ApplicationType.STANDARD),
    DemoAccount("846021", "2793", Status.AWAITING_TRANSCRIPT, ApplicationType.STANDARD),
    DemoAccount("957364", "4618", Status.AWAITING_SCORES, ApplicationType.ALTERNATE_ROUTE),
    DemoAccount("183650", "7390", Status.READY_TO_ISSUE, RENEWAL, standing="expiring"),
    DemoAccount("672098", "9513", Status.ISSUED, ApplicationType.STANDARD, standing="valid"),
    DemoAccount("390274", "6841", None, standing="expiring"),
    DemoAccount("451867", "3607", None, standing="expired"),
    DemoAccount("208943", "8375", Status.REPRESENTATIVE_ONLY, ApplicationType.REINSTATEMENT),
    DemoAccount("567130", "4926", None, standing="valid"),
    DemoAccount("815402", "7418", Status.ISSUED, ApplicationType.ADMINISTRATOR, "valid", Pace.SLOW),
    DemoAccount("627581", None, Status.IN_REVIEW, ApplicationType.NAME_CHANGE, standing="valid"),
)


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """One person of the call center."""

    username: str
    display_name: str
    role: Role


STAFF = (
    DemoStaff("representative", "Rhea Calloway", Role.REPRESENTATIVE),
    DemoStaff("representative2", "Tobias Lindqvist", Role.REPRESENTATIVE),
    DemoStaff("supervisor", "Marguerite Oakes", Role.SUPERVISOR),
)
