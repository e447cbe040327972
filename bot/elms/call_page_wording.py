"""The wording of a licensure call on its page: questions, requests, and who was verified."""

from __future__ import annotations

from bot.records import CallRecord
from bot.reports.wording import Wording
from bot.types import Handover


def _figures(record: CallRecord) -> tuple[tuple[str, str], ...]:
    return (
        ("PIN", "Verified" if record.outcome.verified else "Not verified"),
        ("License number", record.outcome.license_number or "Not given"),
    )


def _handover(told: Handover) -> tuple[tuple[str, str], ...]:
    return (
        ("License number", told.license_number or "not given"),
        ("PIN", "verified" if told.verified else "not verified"),
    )


WORDING = Wording(
    service="ELMS",
    title="ELMS IVR",
    fields={
        "license_number": "License number",
        "license_number_rest": "Rest of the number",
        "license_number_digit": "Missing digit",
        "pin": "PIN",
        "yesno": "Yes or no",
        "menu": "Menu",
    },
    requests={
        "Verify": "Check license number and PIN",
        "FetchAccount": "Read the account",
        "FetchService": "Read the holidays",
    },
    figures=_figures,
    handover=_handover,
    promise="A PIN is neither shown nor kept, and its sound is muted.",
)
