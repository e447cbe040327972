"""Telephone numbers that may be called back: of the United States, and not premium."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

COUNTRY = "US"
LENGTH = 10


def national_digits(written: str | None) -> str | None:
    """Return the ten digits of a number as a line or a caller gives it (6015550142, +16015550142).

    Return None if it is withheld, of another country, or invalid: its area code is not assigned, or
    costs extra.
    """
    if not written:
        return None
    try:
        number = phonenumbers.parse(written, COUNTRY)
    except phonenumbers.NumberParseException:
        return None
    return str(number.national_number) if _may_be_called(number) else None


def _may_be_called(number: PhoneNumber) -> bool:
    return (
        phonenumbers.is_valid_number_for_region(number, COUNTRY)
        and phonenumbers.number_type(number) != PhoneNumberType.PREMIUM_RATE
    )
