"""What a worker tells its supervisor: one JSON object a line."""

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
    """How busy it is."""

    calls: int
    """Under way."""
    taken: int
    """Connections that it took from the supervisor so far."""
    kind: Literal["load"] = "load"


@dataclass(frozen=True, slots=True)
class StepIs:
    """It ends a call, and says what is next for the caller."""

    pbx_id: str | None
    step: Next
    call_id: str = ""
    kind: Literal["step"] = "step"


@dataclass(frozen=True, slots=True)
class CallBegins:
    """A call begins. ``record`` is what is to be kept of it if the worker dies."""

    record: CallRecord = field(repr=False)
    kind: Literal["begins"] = "begins"


@dataclass(frozen=True, slots=True)
class CallIsKept:
    """The call's own record is kept."""

    call_id: str
    kind: Literal["kept"] = "kept"


Report = Ready | Load | StepIs | CallBegins | CallIsKept

REPORT: TypeAdapter[Report] = TypeAdapter(Annotated[Report, Field(discriminator="kind")])
"""Reports as JSON, both ways."""
