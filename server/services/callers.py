"""One budget key per caller, however the number is written (S5); never used to identify (S7)."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from server.hashing import Hasher

REGION = "US"
"""The region of numbers without a country code."""
WITHHELD = "withheld"
_SIP_USER = re.compile(r"(?:.*<)?\s*(?:(?:sips?|tel):)?([^@;>]*)", re.IGNORECASE | re.DOTALL)


def caller_key(hasher: Hasher, caller_number: str | None) -> str:
    """The key of a caller's budget; withheld and invalid numbers share one."""
    number = e164(caller_number or "")
    return f"caller:{hasher.pseudonym('caller', number)[:40]}" if number else WITHHELD


def e164(written: str) -> str | None:
    """A telephone number in ITU-T E.164 form, or None if it is not a number.

    Lines send 6015550142, +1 (601) 555-0142, 011 1 601 ..., sip:+16015550142@host, and more; some
    put a plus sign or 00 before a national number. A valid number is preferred to one that merely
    has a possible length.
    """
    visible = "".join(each for each in written if unicodedata.category(each) != "Cf")
    user = _SIP_USER.match(unicodedata.normalize("NFKC", visible))
    plain = user[1].strip() if user else ""
    readings = [_parsed(each) for each in (plain, plain.lstrip("+"), re.sub(r"^\+?00", "+", plain))]
    numbers = [each for each in readings if each and phonenumbers.is_possible_number(each)]
    numbers.sort(key=phonenumbers.is_valid_number, reverse=True)
    if not numbers:
        return None
    return phonenumbers.format_number(numbers[0], phonenumbers.PhoneNumberFormat.E164)


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
