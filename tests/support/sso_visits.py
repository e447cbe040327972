"""Sign-ins at a scripted provider, and what a refused one looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
from sqlalchemy import delete, func, select
from structlog.testing import capture_logs
from structlog.typing import EventDict

from server.models import User, WebSession
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor
from tests.support.scripted_provider import SUBJECT, RsaKey, ScriptedProvider, scripted_provider

EDUCATOR = "421903"
START = datetime(2022, 12, 5, 16, 0, tzinfo=UTC)


@dataclass
class Visit:
    """One browser's way to the provider and back."""

    elms: Elms
    provider: ScriptedProvider
    visitor: Visitor = field(init=False)
    logs: list[EventDict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.visitor = Visitor(self.elms)
        self.provider.now = self.elms.clock.now

    def go(self, path: str = "/sso", meanwhile: Callable[[], None] | None = None) -> httpx.Response:
        """Go away and come back with a code; ``meanwhile`` is what happens in between."""
        with capture_logs() as logs:
            away = self.visitor.get(path, follow=False)
            if away.status_code == 303:
                state = self.provider.begun(away.headers["Location"])
                if meanwhile:
                    meanwhile()
                away = self.come_back(state=state, code="a-code")
        self.logs += logs
        return away

    def come_back(self, **answer: str) -> httpx.Response:
        """The provider's answer in the browser's address."""
        return self.visitor.get(f"/sso/callback?{urlencode(answer)}", follow=False)

    @classmethod
    def to_an_honest_provider(cls, elms: Elms, provider: ScriptedProvider) -> Visit:
        """A first visit: nobody is signed in, and nothing is scripted."""
        provider.be_honest()
        elms.clock.now = START
        with elms.context.database.write() as session:
            session.execute(delete(WebSession))
        return cls(elms, provider)

    @property
    def is_signed_in(self) -> bool:
        return self.visitor.get("/home").url.path == "/home"

    @property
    def is_fresh(self) -> bool:
        """Whether the PIN page opens without another confirmation."""
        return self.visitor.get("/pin", follow=False).status_code == 200

    def check_refused(self, response: httpx.Response, status: int = 403) -> str:
        """One friendly page, one line in the log; the line's cause."""
        assert response.status_code == status, response.text
        assert "Single sign-on" in response.text
        assert "again" in response.text
        assert "Traceback" not in response.text
        told = [line for line in self.logs if line["event"] != "request"]
        assert [line["event"] for line in told] == ["sso.refused"], told
        assert count_sessions(self.elms) == 0
        return str(told[0]["cause"])


def count_sessions(elms: Elms) -> int:
    """How many browsers are signed in."""
    with elms.context.database.read() as session:
        return session.scalar(select(func.count()).select_from(WebSession)) or 0


def link(elms: Elms, username: str, issuer: str, subject: str = SUBJECT) -> None:
    """A link as the table has it."""
    with elms.context.database.write() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        user.oidc_issuer, user.oidc_subject = issuer, subject


@contextmanager
def elms_and_provider(
    folder: Path, key: RsaKey, **sso: str
) -> Iterator[tuple[Elms, ScriptedProvider]]:
    """An ELMS whose educator 421903 is linked to the provider's subject."""
    limits = {"page_requests_per_minute": 1_000_000}
    with (
        scripted_provider(key, START) as provider,
        running_elms(folder, sso={"issuer": provider.issuer} | sso, limits=limits) as elms,
    ):
        link(elms, EDUCATOR, provider.issuer)
        yield elms, provider
