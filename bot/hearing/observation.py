"""The engines' report on one piece of the caller's audio."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Observation:
    """The measurements of one piece of the caller's audio; ``at_ms`` is its end."""

    at_ms: int
    duration_ms: int
    probability: float
    level_db: float
    noise_db: float
    partial: tuple[str, ...] = field(default=(), repr=False)
