"""From the facts of an account to the prompts that say them.

Which sentences are said is decided here; their words are in prompts/status.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.elms.requests import Account, Activity, Application, License
from bot.types import Prompt, Value

MOST_ACTIVITIES = 3
"""So many activities are spoken, newest first; more would not be remembered."""

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


def status(account: Account) -> tuple[Prompt, ...]:
    """The most recent application, then what the caller should know of the license itself."""
    if account.application is None:
        return (Prompt("status.NONE"), *_expiry(account.licenses))
    return (*_application(account.application), *_expiry(account.licenses))


def activity(account: Account) -> tuple[Prompt, ...]:
    """The latest other activities on the account."""
    latest = sorted(account.activities, key=lambda one: one.on, reverse=True)[:MOST_ACTIVITIES]
    if not latest:
        return (Prompt("activity.none"),)
    return (Prompt("activity.first"), *map(_activity, latest))


def renewal(account: Account) -> tuple[Prompt, ...]:
    """When the licenses end and what renewing takes, by class of license."""
    if not account.licenses:
        return (Prompt("renewal.none"),)
    prompts: list[Prompt] = []
    for one in account.licenses:
        prompts.append(_license(one))
        prompts.append(Prompt(_renewal_key(one)))
    return tuple(prompts)


def _application(application: Application) -> tuple[Prompt, ...]:
    if application.status not in STATUSES:
        return (Prompt("status.UNKNOWN"),)
    values = _values(application)
    said = Prompt(f"status.{application.status}", values=values)
    if application.status == "RECEIVED":
        return (said, *_queue(application))
    if application.status == "REQUIREMENTS_SENT":
        needed = (Prompt("status.still_needed", values=values),) if application.still_needed else ()
        return (said, *needed, Prompt("status.correspondence"))
    return (said,)


def _queue(application: Application) -> tuple[Prompt, ...]:
    """Which week is being processed, and whether this application's has come."""
    if application.processing_week is None:
        return ()
    week: Mapping[str, Value] = {"week": application.processing_week}
    reached = () if application.reached else (Prompt("status.not_reached"),)
    return (Prompt(f"status.queue_{application.queue}", values=week), *reached)


def _values(application: Application) -> dict[str, Value]:
    every: dict[str, Value | None] = {
        "type": application.application_type,
        "received": application.received,
        "letter_sent": application.letter_sent,
        "still_needed": application.still_needed or None,
        "document": application.document,
        "document_received": application.document_received,
        "class": application.license_class,
        "issued": application.issued,
        "valid_through": application.valid_through,
    }
    return {name: value for name, value in every.items() if value is not None}


def _expiry(licenses: tuple[License, ...]) -> tuple[Prompt, ...]:
    """A license that ends soon or has ended is said without being asked for."""
    return tuple(_license(one) for one in licenses if one.state != "valid")


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
    event = one.event if one.event in EVENTS else "other"
    return Prompt(f"activity.{event}", values={"date": one.on, "subject": one.subject})
