"""Determines the silence required after a complete entry from its confidence.

Callers who get cut off were usually misheard, and misheard entries usually have a low confidence.
So a confident entry is answered at once, and another one after a little more silence, in which a
caller who has not finished can continue (decision 45).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EndpointDelayParameters:
    """Thresholds for the silence that ends a complete entry. Confidence is from 0 to 1."""

    believed: float = 0.1
    """Below this confidence, a complete entry does not end the utterance: more words may
    change it.
    """
    likely: float = 0.97
    """From this confidence, a complete entry ranked below an alternative without a meaning
    counts.
    """
    sure: float = 0.93
    """From this confidence, an entry needs no more silence than ``complete_timeout``."""
    doubt_ms: int = 400
    """Additional silence per unit of missing confidence."""
    most_doubt_ms: int = 80
    """Most additional silence."""


FITTED = EndpointDelayParameters()


def silence_after(
    sure: float, complete_timeout_ms: int, *, first: bool, by: EndpointDelayParameters = FITTED
) -> int | None:
    """Return the silence in milliseconds; None if no short silence ends this entry.

    ``first`` is True if the entry is the recognizer's best alternative.
    """
    if sure < (by.believed if first else by.likely):
        return None
    doubt_ms = by.doubt_ms * max(0.0, by.sure - sure)
    return complete_timeout_ms + min(by.most_doubt_ms, round(doubt_ms))
