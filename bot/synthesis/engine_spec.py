"""The specification from which a worker process creates its engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Specifies a worker's engine: ``module:callable`` and its keyword arguments.

    ``identity`` has engine, versions, voice, and rate: everything that its audio depends on.
    """

    factory: str
    options: Mapping[str, str | int]
    identity: str
