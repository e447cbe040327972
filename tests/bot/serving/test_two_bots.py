"""Two machines with nothing in common but the backend: one takes a call, the other goes on with it.

Each office has its own exchange, spool, and memory of what is next; the records of both then reach
one elms-server, as they would over HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.adapters.backend_http import HttpBackend
from bot.calls.spool import Spool
from bot.errors import BackendError
from bot.lines.simulated_caller import CallerAction
from bot.records import CallRecord
from bot.types import CallBack
from server.services.call_backs import open_promises
from tests.contract.test_backend import with_backend
from tests.support.asterisk import Channel
from tests.support.asterisk_call import caller_variables, in_audio_time
from tests.support.elms_service import running_elms
from tests.support.fake_elms import FakeBackend
from tests.support.telephone import KEYED, Office

pytestmark = [pytest.mark.contract]

FIRST_ID, SECOND_ID = "1795993468.2", "1795993468.7"
FOR_A_PERSON = (*KEYED[:2], CallerAction(keys="0", wait_ms=20_000))
YES = CallerAction(keys="1")


def channel(pbx_id: str, resumes: str | None = None) -> Channel:
    variables = caller_variables(call=pbx_id)
    return Channel(variables=variables | ({"__ELMS_RESUME": resumes} if resumes else {}))


def transferred(office: Office) -> CallRecord:
    """A call whose caller is to get a person: the dialplan asks this bot what is next."""
    in_audio_time(office.call(FOR_A_PERSON, channel(FIRST_ID)))
    step = office.exchange.steps.after(FIRST_ID)
    assert (step.step, step.call_id) == ("representative", office.backend.stored[-1].call_id)
    return office.backend.stored[-1]


def storing(record: CallRecord) -> Callable[[HttpBackend], Awaitable[None]]:
    return lambda backend: backend.store_call(record)


def test_a_call_that_nobody_took_goes_on_at_the_other_bot(tmp_path: Path) -> None:
    """The dialplan dials whichever bot is free, with the id that the first one gave it."""
    first, second = Office(), Office()
    earlier = transferred(first)
    in_audio_time(second.call([YES, YES, YES], channel(SECOND_ID, earlier.call_id)))
    assert second.record.call_back == CallBack("6015550142", "08:00", "12:00", earlier.call_id)
    assert second.exchange.steps.after(SECOND_ID).step == "hangup"
    assert first.exchange.steps.after(SECOND_ID).step == "failed", "the other bot knows nothing"
    with running_elms(tmp_path) as elms:
        for record in (earlier, second.record):
            with_backend(elms, storing(record))
        (promise,) = open_promises(elms.context)
        assert promise.number == "6015550142"
        assert promise.earlier_call_id == earlier.call_id


def test_a_promise_waits_only_at_the_bot_that_cannot_reach_the_backend(
    tmp_path: Path,
) -> None:
    """The other bot neither knows nor delivers it; it arrives once the first one can."""

    class Down(FakeBackend):
        async def store_call(self, record: CallRecord) -> None:
            raise BackendError("down")

    spool = Spool(tmp_path / "undelivered")
    earlier = transferred(Office())
    resumed = Office(backend=Down(), spool=spool)
    in_audio_time(resumed.call([YES, YES, YES], channel(SECOND_ID, earlier.call_id)))
    with running_elms(tmp_path) as elms:

        async def deliver(backend: HttpBackend) -> int:
            return await spool.deliver(backend)

        assert open_promises(elms.context) == []
        assert with_backend(elms, deliver) == 1
        assert [one.number for one in open_promises(elms.context)] == ["6015550142"]
