"""Content policies of the pages: no script, except on the desk (decision 28)."""

from __future__ import annotations

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITH_OUR_SCRIPT = f"{CONTENT_POLICY}; script-src 'self'; connect-src 'self'"
WITH_SOUND = CONTENT_POLICY.replace("media-src 'self'", "media-src data:")
"""For a page that has the sound of a prompt in itself."""
