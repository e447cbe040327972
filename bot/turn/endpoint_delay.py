"""How long the caller must be silent after a complete entry, by how sure the entry is.

Callers who get cut off were usually misheard, and what is misheard usually has a low confidence: a
sure entry is answered at once, another one after a little more silence, in which a caller who has
not finished goes on (decision 45).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointDelayParameters:
    """Which silence ends a complete entry. Confidence goes from 0 to 1."""

    believed: float = 0.1
    """Confidence under which a complete entry ends no utterance at once: more words may make it
    another."""
    likely: float = 0.97
    """Confidence from which a complete entry is the answer that the recognizer has after words of
    no sense."""
    sure: float = 0.93
    """Confidence from which an entry needs no more silence than ``complete_timeout``."""
    doubt_ms: int = 400
    """How much more silence an entry needs that is less sure by 1."""
    most_doubt_ms: int = 80
    """How much more it needs at most."""


FITTED = EndpointDelayParameters()


def silence_after(
    sure: float, complete_timeout_ms: int, *, first: bool, by: EndpointDelayParameters = FITTED
) -> int | None:
    """Milliseconds; None where no short silence ends this entry.

    ``first`` says that the recognizer's best alternative is the entry.
    """
    if sure < (by.believed if first else by.likely):
        return None
    doubt_ms = by.doubt_ms * max(0.0, by.sure - sure)
    return complete_timeout_ms + min(by.most_doubt_ms, round(doubt_ms))
