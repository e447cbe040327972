"""A whole ELMS service in process for a test: its own seeded database and a clock that can move.

The database is SQLite; with ``ELMS_TEST_DATABASE_URL`` set to a PostgreSQL address whose user may
create databases, every test gets a PostgreSQL database instead.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from server.app import create_app
from server.context import Context, build_context
from server.database import migrate
from server.models import BudgetUse
from server.seed import seed
from server.settings import DEMO_BOT_CREDENTIAL, DEMO_PEPPER, Settings, demo_settings
from tests.support.in_process import InProcessClient

POSTGRES = os.environ.get("ELMS_TEST_DATABASE_URL")
_calls = itertools.count(1)
CHEAP_HASH = {"memory_kib": 8, "passes": 1}
BOT = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}


@dataclass
class MovingClock:
    """A clock that stands until a test moves it."""

    now: datetime = datetime(2022, 12, 5, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Elms:
    """One running service."""

    app: FastAPI
    settings: Settings
    clock: MovingClock
    client: InProcessClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = InProcessClient(self.app, base_url="http://elms.test")

    @property
    def context(self) -> Context:
        context: Context = self.app.state.context
        return context

    def verify(self, license_number: str, pin: str, **more: Any) -> httpx.Response:
        """Present a PIN in a call of its own, unless a call is named."""
        sent = {
            "license_number": license_number,
            "pin": pin,
            "call_id": f"call-{next(_calls)}-x",
        } | more
        response: httpx.Response = self.client.post("/api/v1/verifications", json=sent, headers=BOT)
        return response

    def token(self, license_number: str, pin: str) -> str:
        """A token for a right PIN."""
        return str(self.verify(license_number, pin).json()["token"])


def used(elms: Elms, key: str) -> int:
    """How many uses count in a budget."""
    with elms.context.database.read() as session:
        of_key = select(func.count()).select_from(BudgetUse).where(BudgetUse.key == key)
        return session.scalars(of_key).one()


def settings_for(url: str, **overrides: Any) -> Settings:
    known: dict[str, Any] = {"database_url": url, "hash_cost": CHEAP_HASH}
    known |= {"trusted_hosts": ("elms.test",), "network": {"refused_s": 0.0}}
    return demo_settings(**(known | overrides))


@contextmanager
def running_elms(folder: Path, **overrides: Any) -> Iterator[Elms]:
    """A service over a fresh copy of the seeded database."""
    clock = MovingClock()
    with fresh_database(folder) as url:
        overrides.setdefault("mail", {"folder": folder / "mail"})
        app = create_app(settings_for(url, **overrides), clock)
        try:
            yield Elms(app, app.state.context.settings, clock)
        finally:
            app.state.context.database.close()


@contextmanager
def fresh_database(folder: Path) -> Iterator[str]:
    """The address of a migrated and seeded database of its own."""
    if POSTGRES is None:
        file = folder / f"elms-{uuid4().hex}.sqlite3"
        shutil.copyfile(_sqlite_template(), file)
        yield f"sqlite:///{file}"
        return
    with empty_postgres(template=_postgres_template()) as url:
        yield url


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if POSTGRES is None:
        yield f"sqlite:///{folder / f'empty-{uuid4().hex}.sqlite3'}"
        return
    with empty_postgres() as url:
        yield url


@contextmanager
def empty_postgres(template: str = "template0") -> Iterator[str]:
    name = _create_postgres(template)
    try:
        yield _postgres_url(name)
    finally:
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def _create_postgres(template: str) -> str:
    name = f"elms_{uuid4().hex}"
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _administer(statement: str) -> None:
    engine = create_engine(str(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _postgres_url(name: str) -> str:
    return make_url(str(POSTGRES)).set(database=name).render_as_string(hide_password=False)


@cache
def _sqlite_template() -> Path:
    file = Path(tempfile.mkdtemp(prefix="elms-template-")) / "template.sqlite3"
    _fill(f"sqlite:///{file}")
    return file


@cache
def _postgres_template() -> str:
    name = _create_postgres("template0")
    _fill(_postgres_url(name))
    return name


def _fill(url: str) -> None:
    """With the demonstration's pepper, whatever the environment of the first test that asks."""
    context = build_context(settings_for(url, pepper=SecretStr(DEMO_PEPPER)), MovingClock())
    migrate(context.database)
    seed(context)
    context.database.close()
