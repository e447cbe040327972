"""The demonstration begins with a month of invented calls, two of which wait for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from server.admin.serve import demo_hint
from server.models import Call
from server.seed.calls import invent_calls
from server.services import audit
from server.services.call_statistics import figures, last_days
from server.services.calls import OPEN_FIELDS
from server.services.handovers import handovers
from tests.support.elms_service import Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

ZONE = "America/Chicago"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        assert invent_calls(running.context) > 500
        yield running


def calls(elms: Elms) -> list[Call]:
    with elms.context.database.read() as session:
        return list(session.scalars(select(Call).options(selectinload(Call.turns))))


def test_invented_calls_have_all_outcomes_and_busy_and_quiet_hours(elms: Elms) -> None:
    with elms.context.database.read() as session:
        found = figures(session, last_days(elms.clock.now, ZONE), ZONE)
        assert audit.verify_chain(session).broken_at is None
    named = ("completed", "transferred", "gave-up", "hangup", "closed", "failed")
    assert [name for name in named if not found.outcomes.get(name)] == []
    assert len(found.by_day) >= 30
    hours = {hour: sum(counted.values()) for hour, counted in found.by_hour.items()}
    assert hours[10] > 4 * hours[17]


def test_invented_calls_ended_within_the_last_month(elms: Elms) -> None:
    for call in calls(elms):
        assert call.stored_at <= elms.clock.now
        assert call.started_at > elms.clock.now - timedelta(days=30)
        times = [time for turn in call.turns for time in (turn.start_ms, turn.end_ms)]
        assert times == sorted(times)
        assert times[-1] < call.duration_ms


def test_invented_calls_contain_no_pin(elms: Elms) -> None:
    for call in calls(elms):
        for turn in call.turns:
            if turn.field not in OPEN_FIELDS:
                assert (turn.utterance, turn.value) == (None, None)


def test_two_callers_wait_at_the_desk(elms: Elms) -> None:
    waiting = [card for card in handovers(elms.context) if card.waiting]
    assert [card.reason for card in waiting] == [
        "caller asked",
        "could not understand license_number",
    ]


def test_the_pages_show_invented_calls(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    for path in ("/calls", "/figures"):
        assert visitor.get(path).status_code == 200
    assert "invented-0" in visitor.get("/calls").text


def test_the_hint_is_the_whole_command(elms: Elms) -> None:
    hint = demo_hint("http://127.0.0.1:9999", elms.settings)
    assert "ELMS_IVR_BACKEND__URL=http://127.0.0.1:9999" in hint
    assert "ELMS_IVR_BACKEND__CREDENTIAL=demonstration-bot-credential" in hint
    secret = elms.settings.model_copy(update={"bot_credential": elms.settings.pepper})
    assert "text --live" in demo_hint("http://127.0.0.1:9999", secret)
