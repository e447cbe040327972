"""A tiny ELMS behind the seam of the backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from bot.elms.requests import (
    Account,
    BackendAnswer,
    FetchAccount,
    FetchService,
    NotVerified,
    Request,
    Service,
    Verified,
    Verify,
)
from bot.errors import BackendError
from bot.records import CallRecord


@dataclass
class FakeBackend:
    """An ELMS that knows the given educators; ``faults`` are how many requests fail first."""

    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    faults: int = 0
    stored: list[CallRecord] = field(default_factory=list)
    holidays: tuple[date, ...] = ()
    service_asked: Callable[[], None] = lambda: None
    requests: list[Request] = field(default_factory=list)

    async def ask(self, request: Request, call_id: str, caller_number: str | None) -> BackendAnswer:
        if isinstance(request, FetchService):
            self.service_asked()
            return Service(self.holidays)
        self.requests.append(request)
        if self.faults:
            self.faults -= 1
            raise BackendError("the backend does not answer")
        if isinstance(request, Verify):
            known = (request.license_number, request.pin) in self.accounts
            return Verified(request.license_number) if known else NotVerified()
        assert isinstance(request, FetchAccount)
        return next(a for (number, _), a in self.accounts.items() if number == request.token)

    async def store_call(self, record: CallRecord) -> None:
        self.stored.append(record)
