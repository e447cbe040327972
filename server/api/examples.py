"""Invented examples of the API's documents, for its description; a test keeps them valid."""

from __future__ import annotations

from typing import Any

CALL_ID = "01HV3K8Q7Z"
TOKEN = "mJ5vQ0c3nYk1uX8r2LwT9aZbE4hGfD6sPiOqR7tUxWy"  # noqa: S105 - nobody's
VERIFICATION_IN: dict[str, Any] = {
    "license_number": "421903",
    "pin": "5827",
    "call_id": CALL_ID,
    "attempt": 1,
    "caller_number": "+16015550142",
    "mode": "dtmf",
}
VERIFIED: dict[str, Any] = {"verified": True, "token": TOKEN, "pace": "normal"}
REFUSED: dict[str, Any] = {"verified": False, "token": None, "pace": "normal"}
ACCOUNT: dict[str, Any] = {
    "application": {
        "status": "REQUIREMENTS_SENT",
        "application_type": "reciprocity",
        "queue": "other",
        "received": "2022-09-12",
        "processing_week": "2022-10-24",
        "reached": True,
        "letter_sent": "2022-10-10",
        "still_needed": ["official transcripts", "verification of teaching experience"],
        "document": None,
        "document_received": None,
        "license_class": None,
        "issued": None,
        "valid_through": None,
        "waited_weeks": 12,
        "overdue": True,
    },
    "licenses": [
        {
            "license_class": "A",
            "license_type": "five-year standard",
            "valid_through": "2023-06-30",
            "state": "expiring",
            "renewable": True,
        }
    ],
    "activities": [{"on": "2022-10-10", "event": "letter_sent", "subject": "requirements letter"}],
    "other_open": ["renewal"],
    "may_reinstate": False,
}
SERVICE: dict[str, Any] = {
    "holidays": ["2022-11-24", "2022-12-26"],
    "renewal_week": "2022-11-14",
    "other_week": "2022-10-24",
    "prompts": {"goodbye.goodbye": ["Thank you for calling. Goodbye."]},
    "hours": {"opens": "08:00:00", "closes": "17:30:00", "weekdays": [0, 1, 2, 3, 4]},
}
CALL: dict[str, Any] = {
    "call_id": CALL_ID,
    "started_utc": "2022-12-05T16:00:00Z",
    "line": "websocket",
    "duration_ms": 61_000,
    "outcome": {
        "outcome": "transferred",
        "reason": "caller asked for a representative",
        "verified": True,
        "license_number": "421903",
    },
    "turns": [
        {
            "field": "license_number",
            "attempt": 1,
            "result": "match",
            "start_ms": 0,
            "end_ms": 9_000,
            "speech_start_ms": 4_000,
            "speech_end_ms": 8_400,
            "reply_after_ms": 190,
            "mode": "voice",
            "confidence": 0.97,
            "utterance": "four two one nine oh three",
            "value": "421903",
            "decision": "accept",
            "partials": [[4_900, "four"], [5_300, "four two"]],
            "heard": "Please say or key your six digit license number. [interrupted]",
            "unheard": "If you have none, say information, or press pound.",
        },
        {"field": "pin", "attempt": 1, "result": "match", "start_ms": 9_000, "end_ms": 12_000},
    ],
    "handover": {
        "reason": "caller asked for a representative",
        "license_number": "421903",
        "verified": True,
        "failed_field": None,
        "wanted": "renewal",
    },
}
CALLED_BACK: dict[str, Any] = {
    "call_id": CALL_ID,
    "started_utc": "2022-12-05T16:02:00Z",
    "line": "telephone",
    "duration_ms": 38_000,
    "outcome": {"outcome": "call-back", "reason": "nobody could take the call"},
    "turns": [],
    "call_back": {
        "number": "6015550142",
        "earliest": "08:00",
        "latest": "12:00",
        "earlier_call_id": "01HV3K8Q6Y",
    },
}
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "VerificationIn": [VERIFICATION_IN],
    "VerificationOut": [VERIFIED, REFUSED],
    "AccountOut": [ACCOUNT],
    "ServiceOut": [SERVICE],
    "CallIn": [CALL, CALLED_BACK],
}
