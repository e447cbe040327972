"""Prompts and office hours, edited on pages and told to the bot."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from server.bot_command_line import Announcement, Heard, Prompt, Prompts, Voice
from server.errors import RuleError, VoiceAwayError
from server.models import AuditRow
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

KEY, OTHER = "goodbye.goodbye", "menu.help"
SHIPPED = {KEY: ("Goodbye.",), OTHER: ("Say status.", "Press one.")}
SOUND = b"RIFF of a voice"


class FakeVoice(Voice):
    """Reads every text as it is written; refuses braces, and finds fault with “invalid”."""

    def prompts(self, changes: Mapping[str, Sequence[str]]) -> Prompts:
        texts = SHIPPED | {key: tuple(each) for key, each in changes.items()}
        for key, each in texts.items():
            if "{" in " ".join(each):
                raise RuleError(f"{key}: there is no such slot")
        return Prompts(
            prompts=tuple(
                Prompt(
                    key=key,
                    file="common.yaml",
                    slots={},
                    texts=tuple(Heard(text=t, heard=t.lower(), seconds=1.5) for t in each),
                )
                for key, each in texts.items()
            ),
            findings=tuple(f"{k} [1]: A8" for k, each in texts.items() if "invalid" in each[0]),
        )

    def speech(self, key: str, text: str) -> bytes:
        return SOUND

    def announcement(
        self,
        said: Sequence[str],
        changes: Mapping[str, Sequence[str]],
        settings: Mapping[str, str] | None = None,
    ) -> Announcement:
        return Announcement(f"{' '.join(said)} under {dict(settings or {})}", SOUND)


@pytest.fixture(scope="module")
def elms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elms]:
    with running_elms(tmp_path_factory.mktemp("prompts")) as running:
        running.app.state.voice = FakeVoice()
        yield running


@pytest.fixture
def supervisor(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("supervisor")
    return visitor


def told(elms: Elms) -> dict[str, Any]:
    """What the bot is told before its next call."""
    answer: dict[str, Any] = elms.client.get("/api/v1/service", headers=BOT).json()
    return answer


def test_an_edited_prompt_reaches_the_next_call_and_can_be_reverted(
    elms: Elms, supervisor: Visitor
) -> None:
    assert told(elms)["prompts"] == {}
    for text in ("So long.", "See you."):
        page = supervisor.submit(f"/prompts/{KEY}", f"/prompts/{KEY}", text=text)
        assert "The next caller hears it." in page.text
        assert told(elms)["prompts"] == {KEY: [text]}
    assert "So long." in supervisor.get(f"/prompts/{KEY}").text
    assert "Marguerite Oakes" in supervisor.get(f"/prompts/{KEY}").text
    assert "Edited" in supervisor.get("/prompts").text
    supervisor.submit(f"/prompts/{KEY}/restore", f"/prompts/{KEY}")
    assert told(elms)["prompts"] == {}
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject == f"prompt:{KEY}"))
        assert [row.action for row in rows] == ["prompt.edited", "prompt.edited", "prompt.restored"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("This is invalid.", "A8"),
        ("For {nobody:name}.", "no such slot"),
        ("x" * 1_001, "1000 characters"),
        ("   ", "one to 9 texts"),
    ],
)
def test_an_invalid_text_is_not_saved_and_stays_in_the_form(
    elms: Elms, supervisor: Visitor, text: str, why: str
) -> None:
    page = supervisor.submit(f"/prompts/{OTHER}", f"/prompts/{OTHER}", text=text)
    assert page.status_code == 422
    assert why in page.text
    assert text.strip() in page.text
    assert OTHER not in told(elms)["prompts"]


def test_a_preview_shows_sentences_and_errors_and_saves_nothing(
    elms: Elms, supervisor: Visitor
) -> None:
    page = supervisor.submit(
        f"/prompts/{OTHER}", f"/prompts/{OTHER}", text="An INVALID one, invalid.", preview="true"
    ).text
    assert "Heard as: an invalid one, invalid." in page
    assert "Not ready to save:" in page
    assert told(elms)["prompts"] == {}


def test_a_text_can_be_played_before_it_is_saved(supervisor: Visitor) -> None:
    answer = supervisor.submit(f"/prompts/{KEY}", f"/prompts/{KEY}", text="Hi.", listen="1")
    assert 'src="data:audio/wav;base64,UklGRiBvZiBhIHZvaWNl"' in answer.text
    assert "media-src data:" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_an_unknown_prompt_is_not_found_and_cannot_be_reverted(
    elms: Elms, supervisor: Visitor
) -> None:
    assert supervisor.get("/prompts/nobody.knows").status_code == 404
    supervisor.submit("/prompts/nobody.knows/restore", "/prompts")
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.subject == "prompt:nobody.knows"))
        assert list(rows) == []


def test_the_voice_command_runs_without_the_servers_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ELMS_SERVER_PEPPER", "a secret")
    shown = (
        "import os, sys; sys.exit(' '.join(n for n in os.environ if 'ELMS_SERVER' in n) or 'none')"
    )
    with pytest.raises(RuleError, match=r"^none$"):
        Voice((sys.executable, "-c", shown)).prompts({})


def test_a_machine_without_the_telephone_service_says_so(elms: Elms, supervisor: Visitor) -> None:
    elms.app.state.voice = Voice(("/nowhere/elms-ivr",))
    page = supervisor.get("/prompts")
    elms.app.state.voice = FakeVoice()
    assert page.status_code == 503
    assert "cannot be run on this machine" in page.text


STARTING = "The voice is still starting, or this machine is busy. Please try again in a moment."


class BusyVoice(FakeVoice):
    """Knows every text, and has no time to say one."""

    def speech(self, key: str, text: str) -> bytes:
        raise VoiceAwayError(STARTING)

    def announcement(
        self,
        said: Sequence[str],
        changes: Mapping[str, Sequence[str]],
        settings: Mapping[str, str] | None = None,
    ) -> Announcement:
        raise VoiceAwayError(STARTING)


@pytest.mark.parametrize(
    ("path", "back", "entered"),
    [
        ("/notices", "/notices", {"renewal": "2022-12-01", "other": "2022-11-23"}),
        ("/hours", "/notices", {"opens": "09:00", "closes": "16:30", "weekdays": "2"}),
        ("/holidays", "/notices", {"on": "2022-12-19", "name": "Ice"}),
        (f"/prompts/{KEY}", f"/prompts/{KEY}", {"text": "So long.", "listen": "1"}),
    ],
)
def test_a_busy_voice_is_not_the_supervisors_mistake(
    elms: Elms, supervisor: Visitor, path: str, back: str, entered: dict[str, Any]
) -> None:
    elms.app.state.voice = BusyVoice()
    page = supervisor.submit(path, back, preview="true", **entered)
    elms.app.state.voice = FakeVoice()
    assert page.status_code == 503
    assert STARTING in page.text
    kept = {name: value for name, value in entered.items() if name not in {"weekdays", "listen"}}
    assert all(value in page.text for value in kept.values())


@pytest.mark.parametrize(
    ("status", "fault"), [(75, VoiceAwayError(STARTING)), (1, RuleError("no such slot"))]
)
def test_the_commands_exit_status_says_whose_fault_it_is(status: int, fault: RuleError) -> None:
    fails = f"import sys; print('elms-ivr: no such slot', file=sys.stderr); sys.exit({status})"
    with pytest.raises(RuleError) as raised:
        Voice((sys.executable, "-c", fails)).prompts({})
    assert (type(raised.value), str(raised.value)) == (type(fault), str(fault))


def test_the_voice_is_warmed_by_the_first_look_and_once() -> None:
    voice = FakeVoice()
    first = voice.warm()
    assert first is not None
    first.join()
    assert voice.warm() is None


def test_office_hours_reach_the_next_call(elms: Elms, supervisor: Visitor) -> None:
    assert told(elms)["hours"] is None
    page = supervisor.submit("/hours", "/notices", opens="09:00", closes="16:00", weekdays="2").text
    assert "goes by these hours" in page
    assert told(elms)["hours"] == {"opens": "09:00:00", "closes": "16:00:00", "weekdays": [2]}


@pytest.mark.parametrize(
    "fields",
    [
        {"opens": "17:00", "closes": "08:00", "weekdays": "1"},
        {"opens": "08:00", "closes": "08:00", "weekdays": "1"},
        {"opens": "08:00", "closes": "17:00"},
        {"opens": "08:00", "closes": "17:00", "weekdays": "7"},
        {"opens": "soon", "closes": "17:00", "weekdays": "1"},
    ],
)
def test_impossible_hours_are_refused(supervisor: Visitor, fields: dict[str, str]) -> None:
    answer = supervisor.post("/hours", {"csrf": supervisor.csrf("/notices"), **fields})
    assert answer.status_code == 422


def test_a_representative_can_edit_nothing(elms: Elms) -> None:
    desk = Visitor(elms)
    desk.sign_in("representative")
    assert desk.get("/prompts").status_code == 403
    assert desk.submit(f"/prompts/{KEY}", "/desk", text="Hi.").status_code == 403
    assert desk.submit("/hours", "/desk", opens="08:00", closes="09:00").status_code == 403


# -- weeks, hours, and closed days before they are saved ---------------------------------------

PREVIEWS = [
    (
        "/notices",
        {"renewal": "2022-12-01", "other": "2022-11-23"},
        "status.queue_renewal week=2022-11-28 status.queue_other week=2022-11-21 under",
    ),
    (
        "/hours",
        {"opens": "09:00", "closes": "16:30", "weekdays": "2"},
        "office.hours under {&#39;ELMS_IVR_HOURS__OPENS&#39;: &#39;09:00&#39;, "
        "&#39;ELMS_IVR_HOURS__CLOSES&#39;: &#39;16:30&#39;, "
        "&#39;ELMS_IVR_HOURS__WEEKDAYS&#39;: &#39;[2]&#39;}",
    ),
    ("/holidays", {"on": "2022-12-19", "name": "Ice"}, "information.holiday day=2022-12-19 under"),
]


@pytest.mark.parametrize(("path", "entered", "heard"), PREVIEWS)
def test_a_notice_is_heard_before_it_is_saved(
    elms: Elms, supervisor: Visitor, path: str, entered: dict[str, Any], heard: str
) -> None:
    before = told(elms)
    page = supervisor.submit(path, "/notices", preview="true", **entered)
    assert f"Heard as: {heard}" in page.text
    assert page.text.count(heard) == 1
    assert 'src="data:audio/wav;base64,UklGRiBvZiBhIHZvaWNl"' in page.text
    assert "media-src data:" in page.headers["Content-Security-Policy"]
    for value in entered.values():
        assert f'value="{value}"' in page.text
    assert told(elms) == before


@pytest.mark.parametrize(
    ("path", "entered"),
    [
        ("/notices", {"renewal": "2099-12-01", "other": "2022-11-23"}),
        ("/hours", {"opens": "16:00", "closes": "09:00", "weekdays": "2"}),
        ("/holidays", {"on": "2022-12-19", "name": " "}),
    ],
)
def test_texts_that_would_not_be_saved_are_not_read_aloud(
    supervisor: Visitor, path: str, entered: dict[str, Any]
) -> None:
    page = supervisor.submit(path, "/notices", preview="true", **entered)
    assert page.status_code == 422
    assert "Heard as:" not in page.text


def test_the_page_says_who_changed_what(elms: Elms, supervisor: Visitor) -> None:
    supervisor.submit("/notices", "/notices", renewal="2022-12-01", other="2022-11-23")
    supervisor.submit("/hours", "/notices", opens="09:00", closes="16:00", weekdays="2")
    supervisor.submit("/holidays", "/notices", on="2022-12-19", name="Ice storm")
    page = supervisor.submit("/holidays/remove", "/notices", on="2022-12-19").text
    versions = " ".join(page.partition("Versions")[2].split())
    assert versions.count("Marguerite Oakes") >= 4
    told = (
        "No longer closed on December 19, 2022.",
        "Closed on December 19, 2022.",
        "Open from 09:00 to 16:00: Wednesday.",
        "week of November 28, 2022; all other: week of November 21, 2022.",
    )
    places = [versions.index(words) for words in told]
    assert places == sorted(places)
