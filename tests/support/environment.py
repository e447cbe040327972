"""Variables of the environment for tests and for processes that they start."""

from __future__ import annotations

FOR_TESTS = {
    "ELMS_IVR_RESCORING__ENABLED": "0",
    "ELMS_IVR_SPEECH__ENGINE": "pyttsx3",
    "ELMS_SERVER_HASH_COST__MEMORY_KIB": "8",
    "ELMS_SERVER_HASH_COST__PASSES": "1",
}
"""Calls hear with the project's own models, which takes less time, and speak with the base voice,
whose prompts are as long on every machine. Hashing a PIN takes no time, instead of 50 ms."""

AS_SHIPPED = {"ELMS_IVR_RESCORING__ENABLED": "1", "ELMS_IVR_SPEECH__ENGINE": "best"}
"""Calls hear and speak with all that is installed, in tests that say so."""
