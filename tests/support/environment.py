"""Variables of the environment for processes that tests start."""

from __future__ import annotations

AS_SHIPPED = {"ELMS_IVR_RESCORING__ENABLED": "1", "ELMS_IVR_SPEECH__ENGINE": "best"}
"""Calls hear and speak with all that is installed; tests/conftest.py leaves Whisper and hibari out
elsewhere."""
