"""How long the caller must be silent behind a complete entry, by how sure the entry is.

Who is cut early was mostly misheard, and what is misheard is mostly unsure: a sure entry is
answered at once, one that is less so after a little more silence, in which a caller who has not
finished goes on (decision 45).
"""

from __future__ import annotations

BELIEVED = 0.1
"""A complete entry that is less sure ends no utterance at once: more words may make it another."""

LIKELY = 0.97
"""A complete entry that the recogniser has behind words of no sense is the answer from here on."""

SURE = 0.93
"""From here on an entry needs no more silence than ``complete_timeout``."""

DOUBT_MS, MOST_DOUBT_MS = 400, 80
"""How much more silence an entry needs for each bit that it is less sure, and at most."""


def silence_behind(sure: float, complete_timeout_ms: int, *, first: bool) -> int | None:
    """Milliseconds; None where no short silence ends this entry.

    ``first`` says that the recogniser's best alternative is the entry.
    """
    if sure < (BELIEVED if first else LIKELY):
        return None
    doubt_ms = DOUBT_MS * max(0.0, SURE - sure)
    return complete_timeout_ms + min(MOST_DOUBT_MS, round(doubt_ms))
