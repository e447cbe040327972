"""`elms-ivr text`: a whole call in the terminal, typed line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.calls.spool import Spool
from bot.commands.call_time import moment_of
from bot.demo_backend import DemoBackend
from bot.errors import BackendError, BackendRefusedError
from bot.settings import BackendClient
from tests.bot.calls.test_spool import RECORD

pytestmark = pytest.mark.e2e

Typed = Callable[..., Result]

MOMENT = ("--at", "2022-06-14T10:30-05:00")


def typed(*lines: str, options: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(app, ["text", *MOMENT, *options], input="\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def client() -> Iterator[BackendClient]:
    """Of one demonstration backend for all, since starting one takes longer than a call."""
    with DemoBackend() as backend:
        yield backend.start(BackendClient(timeout_ms=59_876, credential="of another"))


@pytest.fixture
def live(client: BackendClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Types with the backend that runs already."""
    monkeypatch.setenv("ELMS_IVR_OUT", str(tmp_path))
    monkeypatch.setenv("ELMS_IVR_BACKEND__URL", client.url)
    monkeypatch.setenv("ELMS_IVR_BACKEND__CREDENTIAL", client.credential.get_secret_value())
    return partial(typed, options=("--live",))


def test_spoken_and_keyed_entries_lead_to_the_status(live: Typed) -> None:
    call = live(
        "my statoos",
        "four two one nine oh four, no, oh three",
        "yes",
        "58-27",
        "4",
        options=("--live", "--verbose"),
    )
    assert call.exit_code == 0
    assert "no grammar here has the word 'statoos'" in call.stdout
    assert "ELMS      I heard four two one nine zero three\n" in call.stdout
    assert "is being reviewed" in " ".join(call.stdout.split())
    assert "5827" not in call.stdout
    assert "58-27" not in call.stdout
    assert call.stdout.rstrip().endswith("caller said goodbye")


def test_each_star_is_an_entry_of_its_own(live: Typed) -> None:
    call = live("my number is 421903", "**", "5827", "4")
    assert "I will speak more slowly" in call.stdout
    assert "caller said goodbye" in call.stdout


def test_an_empty_line_is_silence_and_the_end_of_input_is_a_hangup(live: Typed) -> None:
    call = live("")
    assert call.exit_code == 0
    assert "Sorry, I did not hear you" in call.stdout
    assert "caller left at license_number" in call.stdout


def test_long_lines_are_wrapped_and_indented(live: Typed) -> None:
    lines = live("421903", "help").stdout.splitlines()
    first = next(i for i, line in enumerate(lines) if "that you set on the Home Page" in line)
    assert lines[first + 1].startswith(" " * 10 + "account.")


def test_live_uses_the_configured_backend_and_delivers_spooled_records(
    live: Typed, tmp_path: Path
) -> None:
    kept = Spool(tmp_path / "undelivered").keep(RECORD)
    assert kept is not None
    assert "caller said goodbye" in typed("421903", "5827", "4").stdout
    assert kept.exists(), "an invented backend gets no record of a real call"
    assert "caller said goodbye" in live("421903", "5827", "4").stdout
    assert not kept.exists()


def test_the_demonstration_backend_is_awaited_as_configured(client: BackendClient) -> None:
    assert client.timeout_ms == 59_876
    assert client.credential.get_secret_value() != "of another"


def test_a_refused_credential_is_reported_before_the_call(
    live: Typed, client: BackendClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELMS_IVR_BACKEND__CREDENTIAL", "of another service")
    refused = live("421903")
    assert "ELMS  " not in refused.stdout
    assert isinstance(refused.exception, BackendRefusedError)
    assert str(refused.exception) == (
        f"the backend at {client.url} rejects this credential; set backend.credential to "
        "its bot_credential"
    )


def test_an_unreachable_backend_is_reported_before_the_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ELMS_IVR_BACKEND__URL", "http://someone:secret@127.0.0.1:9")
    refused = typed("421903", options=("--live",))
    assert "ELMS  " not in refused.stdout
    assert isinstance(refused.exception, BackendError)
    assert str(refused.exception).startswith("the backend at http://127.0.0.1:9 does not answer;")


@pytest.mark.parametrize(
    ("given", "live", "expected"),
    [(None, False, None), (None, True, "now"), ("2022-06-14", True, "2022-06-14")],
)
def test_a_live_call_has_the_current_time(
    given: str | None, live: bool, expected: str | None
) -> None:
    assert moment_of(given, live) == expected
