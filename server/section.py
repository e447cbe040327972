"""The base class of every group of settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Section(BaseModel):
    """A group of settings; a misspelled name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
