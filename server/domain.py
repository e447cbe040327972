"""Codes of the licensure domain: statuses, events, types. Imports nothing of this project."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Status of the most recently submitted application.

    Expiration is a state of the license instead (LicenseState).
    """

    RECOMMENDATION_ONLY = "RECOMMENDATION_ONLY"
    RECEIVED = "RECEIVED"
    IN_REVIEW = "IN_REVIEW"
    REQUIREMENTS_SENT = "REQUIREMENTS_SENT"
    DOCUMENT_RECEIVED = "DOCUMENT_RECEIVED"
    AWAITING_TRANSCRIPT = "AWAITING_TRANSCRIPT"
    AWAITING_SCORES = "AWAITING_SCORES"
    READY_TO_ISSUE = "READY_TO_ISSUE"
    ISSUED = "ISSUED"
    REPRESENTATIVE_ONLY = "REPRESENTATIVE_ONLY"


class Queue(StrEnum):
    """The weekly notice that covers an application."""

    RENEWAL = "renewal"
    OTHER = "other"


class ApplicationType(StrEnum):
    """Type of application, in words that callers know."""

    STANDARD = "five-year standard"
    ALTERNATE_ROUTE = "three-year alternate route"
    EMERGENCY = "one-year emergency"
    SPECIAL = "special non-renewable"
    ADMINISTRATOR = "career administrator"
    ENDORSEMENT = "supplemental endorsement"
    RECIPROCITY = "reciprocity"
    RENEWAL = "renewal"
    REINSTATEMENT = "reinstatement"
    NAME_CHANGE = "name change"

    @property
    def queue(self) -> Queue:
        """The weekly notice that covers this type."""
        return Queue.RENEWAL if self is ApplicationType.RENEWAL else Queue.OTHER


class LicenseClass(StrEnum):
    """By degree: A bachelor's, AA master's, AAA specialist, AAAA doctorate."""

    A = "A"
    AA = "AA"
    AAA = "AAA"
    AAAA = "AAAA"


class LicenseState(StrEnum):
    """State of a license on a given day."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"


class Document(StrEnum):
    """A document that an application can require, as spoken after "your" or "we still need"."""

    TRANSCRIPT = "official transcripts"
    SCORES = "licensure test scores"
    RECOMMENDATION = "online recommendation"
    LAWFUL_PRESENCE = "Verification of Lawful Presence form"
    CEU = "CEU credits"
    SEMI = "SEMI credits"
    EXPERIENCE = "verification of teaching experience"
    OUT_OF_STATE = "out-of-state license copy"
    NAME_PROOF = "proof of name change"


class ActivityEvent(StrEnum):
    """An event on an account, apart from the application's status; a stable code.

    ``Activity.subject`` is what it concerns, as spoken (a document, an application type, a week),
    or empty if the event says it all.
    """

    APPLICATION_FILED = "application_filed"
    RECOMMENDATION_RECEIVED = "recommendation_received"
    TRANSCRIPT_RECEIVED = "transcript_received"
    SCORES_RECEIVED = "scores_received"
    FORM_RECEIVED = "form_received"
    CREDITS_RECEIVED = "credits_received"
    LETTER_SENT = "letter_sent"
    FEE_PAID = "fee_paid"
    LICENSE_ISSUED = "license_issued"
    LICENSE_PRINTED = "license_printed"
    NAME_CHANGED = "name_changed"
    ADDRESS_CHANGED = "address_changed"


class Pace(StrEnum):
    """The pace of speech that a caller prefers."""

    NORMAL = "normal"
    SLOW = "slow"


class Role(StrEnum):
    """Role of a user of the web pages."""

    EDUCATOR = "educator"
    REPRESENTATIVE = "representative"
    SUPERVISOR = "supervisor"


class Channel(StrEnum):
    """The channel on which a PIN was presented."""

    TELEPHONE = "telephone"
    REPRESENTATIVE = "representative"


class CheckResult(StrEnum):
    """Result of a presented PIN. PENDING counts as wrong until the result is known."""

    PENDING = "pending"
    VERIFIED = "verified"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    NO_PIN = "no-pin"
    LOCKED = "locked"
    OVER_BUDGET = "over-budget"


class NoticeKind(StrEnum):
    """Kinds of mail sent to an educator (S11)."""

    PIN_SET = "pin-set"
    PIN_CHANGED = "pin-changed"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    RESET = "reset"
