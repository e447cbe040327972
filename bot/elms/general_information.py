"""Information for anybody, without license number or PIN: from a topic to its prompts.

The facts come from the department's announcements, the settings, and prompts/information.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.elms.requests import Service
from bot.types import Prompt

TOPICS: Mapping[str, tuple[str, ...]] = {
    "hours": (
        *("office.hours", "information.address", "information.mail"),
        "information.telephone",
    ),
    "processing": ("information.processing",),
    "apply": ("information.apply", "information.apply_documents"),
    "documents": ("information.transcripts", "information.scores", "information.presence"),
    "renewal": ("information.renewal", "information.renewal_class_a", "information.renewal_other"),
    "pin": ("no_number.where", "no_pin.steps"),
}
"""Prompts by topic; the department's announcements come before them."""


def told(topic: str, service: Service, today: date) -> tuple[Prompt, ...]:
    """Return everything to say about a topic."""
    fixed = tuple(Prompt(key) for key in TOPICS[topic])
    if topic == "hours":
        return (*fixed, *_holiday(service, today))
    if topic == "processing":
        return (*_weeks(service), *fixed)
    return fixed


def _holiday(service: Service, today: date) -> tuple[Prompt, ...]:
    """Return the next day on which the office is closed, today included."""
    ahead = sorted(day for day in service.holidays if day >= today)
    return tuple(Prompt("information.holiday", values={"day": day}) for day in ahead[:1])


def _weeks(service: Service) -> tuple[Prompt, ...]:
    weeks = {"renewal": service.renewal_week, "other": service.other_week}
    known = {queue: week for queue, week in weeks.items() if week is not None}
    said = tuple(Prompt(f"status.queue_{queue}", values={"week": known[queue]}) for queue in known)
    return (*said, Prompt("information.not_reached")) if said else ()
