"""The parts that requests need: settings, database, hasher, and clock; built by ``create_app``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

from server.database import Database
from server.hashing import Hasher
from server.sealing import Sealer
from server.settings import Settings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Postman:
    """Lets one thread at a time send mail; ``called`` means that there may be more to send."""

    busy: Lock = field(default_factory=Lock)
    called: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """One server's parts, passed to services."""

    settings: Settings
    database: Database
    hasher: Hasher
    numbers: Sealer
    """Seals telephone numbers."""
    clock: Clock = utc_now
    postman: Postman = field(default_factory=Postman)

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return self.clock()

    def today(self) -> date:
        """Today in the department's time zone, or the fixed day of a demonstration."""
        if self.settings.today is not None:
            return self.settings.today
        return self.now().astimezone(ZoneInfo(self.settings.timezone)).date()


def build_context(settings: Settings, clock: Clock = utc_now) -> Context:
    """Open the database and create the hasher."""
    pepper = settings.pepper.get_secret_value()
    return Context(
        settings=settings,
        database=Database(settings.database_url),
        hasher=Hasher(pepper, settings.hash_cost),
        numbers=Sealer(pepper, "telephone number"),
        clock=clock,
    )
