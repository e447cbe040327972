"""Turns the facts of an account into the prompts that announce them.

Which sentences are spoken is decided here; their words are in prompts/status.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.elms.requests import Account, Activity, Application, License
from bot.types import Prompt, Value

MOST_ACTIVITIES = 3
"""Number of activities spoken, newest first; callers would not remember more."""

STATUSES = (
    "RECOMMENDATION_ONLY",
    "RECEIVED",
    "IN_REVIEW",
    "REQUIREMENTS_SENT",
    "DOCUMENT_RECEIVED",
    "AWAITING_TRANSCRIPT",
    "AWAITING_SCORES",
    "READY_TO_ISSUE",
    "ISSUED",
    "EXPIRING",
    "EXPIRED",
    "REPRESENTATIVE_ONLY",
)

NAMED: Mapping[str, tuple[str, ...]] = {
    "RECEIVED": ("received",),
    "IN_REVIEW": ("received",),
    "REQUIREMENTS_SENT": ("letter_sent",),
    "DOCUMENT_RECEIVED": ("document", "document_received"),
    "ISSUED": ("class", "issued", "valid_through"),
    "EXPIRING": ("valid_through",),
    "EXPIRED": ("valid_through",),
}
"""Facts, besides the application's type, that a status's sentence may mention. If the backend lacks
one of them, a representative explains the status."""

EVENTS = (
    "application_filed",
    "recommendation_received",
    "transcript_received",
    "scores_received",
    "form_received",
    "credits_received",
    "letter_sent",
    "fee_paid",
    "license_issued",
    "license_printed",
    "name_changed",
    "address_changed",
)

WITH_SUBJECT = ("application_filed", "form_received", "credits_received")
"""Events whose sentence mentions a subject. Without a subject, the caller only hears that something
changed."""


def status(account: Account) -> tuple[Prompt, ...]:
    """Return the most recent application, other open ones, and important facts about the
    licenses.
    """
    application = account.application
    latest = _application(application) if application else (Prompt("status.NONE"),)
    return (*latest, *_others(account.other_open), *_expiry(account))


def activity(account: Account) -> tuple[Prompt, ...]:
    """Return the latest other activities on the account."""
    latest = sorted(account.activities, key=lambda one: one.on, reverse=True)[:MOST_ACTIVITIES]
    if not latest:
        return (Prompt("activity.none"),)
    return (Prompt("activity.first"), *map(_activity, latest))


def renewal(account: Account) -> tuple[Prompt, ...]:
    """Return when the licenses end, and the renewal requirements, by class of license."""
    if not account.licenses:
        return (Prompt("renewal.none"),)
    prompts: list[Prompt] = []
    for one in account.licenses:
        prompts.append(_license(one))
        prompts.append(Prompt(_renewal_key(one)))
    return tuple(prompts)


def _application(application: Application) -> tuple[Prompt, ...]:
    values = _values(application)
    if application.status not in STATUSES or values is None:
        return (Prompt("status.UNKNOWN"),)
    said = Prompt(f"status.{application.status}", values=values)
    return (said, *_NEXT.get(application.status, _nothing)(application))


def _nothing(_: Application) -> tuple[Prompt, ...]:
    return ()


def _received(application: Application) -> tuple[Prompt, ...]:
    """Return how long ago it came, which week is being processed, and what comes next."""
    return (*_waited(application), *_queue(application), Prompt("status.letter"))


def _in_review(application: Application) -> tuple[Prompt, ...]:
    usual = Prompt("status.overdue" if application.overdue else "status.allow")
    return (*_waited(application), usual, Prompt("status.letter"))


def _requirements(application: Application) -> tuple[Prompt, ...]:
    """Return what is missing, who must send it, where the letter is, and what comes next."""
    missing = application.still_needed
    needed = (Prompt("status.still_needed", values={"still_needed": missing}),) if missing else ()
    sources = tuple(Prompt(key) for document, key in SOURCES.items() if document in missing)
    return (*needed, *sources, Prompt("status.correspondence"), Prompt("status.back_to_review"))


def _document(application: Application) -> tuple[Prompt, ...]:
    return (Prompt("status.overdue" if application.overdue else "status.allow"),)


def _back_to_review(_: Application) -> tuple[Prompt, ...]:
    return (Prompt("status.back_to_review"),)


def _credentials(_: Application) -> tuple[Prompt, ...]:
    return (Prompt("status.credentials"),)


SOURCES: Mapping[str, str] = {
    "official transcripts": "information.transcripts",
    "licensure test scores": "information.scores",
}
"""By document, the prompt that tells who must send it."""

_NEXT: Mapping[str, Callable[[Application], tuple[Prompt, ...]]] = {
    "RECEIVED": _received,
    "IN_REVIEW": _in_review,
    "REQUIREMENTS_SENT": _requirements,
    "DOCUMENT_RECEIVED": _document,
    "AWAITING_TRANSCRIPT": _back_to_review,
    "AWAITING_SCORES": _back_to_review,
    "READY_TO_ISSUE": _credentials,
    "ISSUED": _credentials,
}
"""By status, the prompts that follow it: how long it takes, what comes next, and who does it."""


def _waited(application: Application) -> tuple[Prompt, ...]:
    weeks = application.waited_weeks
    if weeks == 0:
        return ()
    if weeks == 1:
        return (Prompt("status.waited_one"),)
    return (Prompt("status.waited", values={"weeks": weeks}),)


def _queue(application: Application) -> tuple[Prompt, ...]:
    """Return which week is being processed, and whether this application's has come."""
    if application.processing_week is None:
        return ()
    week: Mapping[str, Value] = {"week": application.processing_week}
    reached = Prompt("status.reached" if application.reached else "status.not_reached")
    return (Prompt(f"status.queue_{application.queue}", values=week), reached)


def _others(types: tuple[str, ...]) -> tuple[Prompt, ...]:
    """Return open applications older than the most recent one: callers may be asking about them."""
    if not types:
        return ()
    key = "status.other_open" if len(types) == 1 else "status.others_open"
    return (Prompt(key, values={"types": types}), Prompt("status.credentials"))


def _values(application: Application) -> Mapping[str, Value] | None:
    """Return the values for the sentence of the application's status; None if the backend lacks
    some.
    """
    known: Mapping[str, Value | None] = {
        "received": application.received,
        "letter_sent": application.letter_sent,
        "document": application.document,
        "document_received": application.document_received,
        "class": application.license_class,
        "issued": application.issued,
        "valid_through": application.valid_through,
    }
    values: dict[str, Value] = {"type": application.application_type}
    for name in NAMED.get(application.status, ()):
        value = known[name]
        if value is None:
            return None
        values[name] = value
    return values


def _expiry(account: Account) -> tuple[Prompt, ...]:
    """Return a license that ends soon or has ended, and was not followed by another of its type."""
    held = {one.license_type for one in account.licenses if one.state != "expired"}
    told = [
        _license(one)
        for one in account.licenses
        if one.state == "expiring" or (one.state == "expired" and one.license_type not in held)
    ]
    reinstate = (Prompt("license.may_reinstate"),) if account.may_reinstate else ()
    return (*told, *reinstate)


def _license(one: License) -> Prompt:
    return Prompt(
        f"license.{one.state}",
        values={
            "class": one.license_class,
            "type": one.license_type,
            "valid_through": one.valid_through,
        },
    )


def _renewal_key(one: License) -> str:
    if not one.renewable:
        return "renewal.not_renewable"
    if "administrator" in one.license_type:
        return "renewal.administrator"
    return "renewal.class_a" if one.license_class == "A" else "renewal.higher_class"


def _activity(one: Activity) -> Prompt:
    if one.event in WITH_SUBJECT and one.subject.strip():
        return Prompt(f"activity.{one.event}", values={"date": one.on, "subject": one.subject})
    told = one.event in EVENTS and one.event not in WITH_SUBJECT
    return Prompt(f"activity.{one.event if told else 'other'}", values={"date": one.on})
