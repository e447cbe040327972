"""The reports of a worker to its supervisor: one JSON object per line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.records import CallRecord
from bot.serving.next_steps import Next


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker takes calls from now on."""

    kind: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Load:
    """The worker's load."""

    calls: int
    """Calls in progress."""
    taken: int
    """Number of connections taken from the supervisor so far."""
    kind: Literal["load"] = "load"


@dataclass(frozen=True, slots=True)
class StepIs:
    """The worker ends a call, and this is next for the caller."""

    pbx_id: str | None
    step: Next
    call_id: str = ""
    kind: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class CallBegins:
    """A call begins. ``record`` is to be kept if the worker dies."""

    record: CallRecord = field(repr=False)
    kind: Literal["begins"] = "begins"


@dataclass(frozen=True, slots=True)
class CallIsKept:
    """The call's own record was kept."""

    call_id: str
    kind: Literal["kept"] = "kept"


Report = Ready | Load | StepIs | CallBegins | CallIsKept

REPORT: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="kind")])
"""Converts reports to JSON and back."""
