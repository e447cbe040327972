"""An application's terms for the parts of its calls, for the call page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.records import CallRecord
from bot.types import Handover


@dataclass(frozen=True, slots=True)
class Wording:
    """Names and figures that only an application knows."""

    service: str
    """The party that the caller talks to."""
    title: str
    """The heading of every page."""
    fields: Mapping[str, str]
    """Titles of questions; a question without one is titled by its name."""
    requests: Mapping[str, str]
    """Requests to the backend in words; one without words keeps its name."""
    figures: Callable[[CallRecord], tuple[tuple[str, str], ...]]
    """Names and values that are key figures of a call."""
    handover: Callable[[Handover], tuple[tuple[str, str], ...]]
    """Names and values that a representative was told."""
    promise: str
    """The text at the foot of the page about secrets."""
