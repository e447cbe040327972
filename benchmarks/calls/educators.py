"""Makes a database of the ELMS backend with accounts and PINs for the benchmark's callers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from random import Random

from benchmarks.calls.callers import Account
from server import seed
from server.admin.serve import prepare_demo
from server.context import build_context
from server.domain import ApplicationType, Pace, Status
from server.models import Educator, PhoneAccess, Pin
from server.seed.calendar import Calendar
from server.seed.names import email_of, name_of
from server.seed.stories import Story, tell
from server.settings import HashCost, demo_settings


def make_database(path: Path, accounts: Iterable[Account]) -> None:
    """Write the demonstration's database, plus an educator for each account.

    Their PINs are invented and read from recordings, so hashes of them may be cheap.
    """
    cheap = HashCost(memory_kib=8, passes=1)
    settings = demo_settings(database_url=f"sqlite:///{path}", hash_cost=cheap)
    prepare_demo(settings, calls=False)
    context, rng = build_context(settings), Random(seed.SEED)
    try:
        with context.database.write() as session:
            for index, account in enumerate(accounts):
                name = name_of(100 + index)
                educator = Educator(
                    license_number=account.license_number, name=name, email=email_of(name)
                )
                story = Story(Status.IN_REVIEW, ApplicationType.STANDARD, _FILED)
                tell(educator, story, rng, Calendar())
                session.add(educator)
                session.flush()
                digest = context.hasher.hash_pin(account.pin_digits)
                session.add(PhoneAccess(educator_id=educator.id, pace=Pace.NORMAL.value))
                session.add(Pin(educator_id=educator.id, digest=digest, set_at=seed.PINS_SET))
    finally:
        context.database.close()


_FILED = date(2022, 9, 12)
