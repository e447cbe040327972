"""The benchmark of whole calls: what is counted, and that its callers really get through."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks import json_lines, results
from benchmarks.calls import __main__
from benchmarks.calls.callers import cast
from benchmarks.calls.figures import (
    COMPLETED,
    FALSE,
    GOAL,
    REFUSED,
    WASTED,
    Calls,
    Made,
    Planned,
    count,
    means,
)
from benchmarks.calls.scripts import LINES
from benchmarks.calls.text import text
from benchmarks.recognition.recordings import SHARED
from bot.evaluation.statistics import Share
from bot.records import CallRecord, Timing, TurnRecord
from bot.types import CallOutcome

NUMBER, OTHER = "421903", "300715"

pytestmark = pytest.mark.e2e


def planned(refused: int = 0, knows_pin: bool = True) -> Planned:
    return Planned("call-1", "speaks everything", "µ-law", "AN4", "men", NUMBER, refused, knows_pin)


def made(
    outcome: str = "completed", number: str | None = NUMBER, attempts: int = 1, turns: int = 3
) -> Made:
    verified = outcome == "completed"
    return Made("call-1", outcome, verified, number, attempts, turns, 60_000)


def counted(*pairs: tuple[Planned, Made]) -> Calls:
    return Calls("model", len(pairs), 0, count(pairs), means(pairs))


def test_a_call_is_completed_when_the_caller_was_verified_and_said_goodbye() -> None:
    found = counted((planned(), made()), (planned(), made("transferred")))
    assert found.share(COMPLETED) == Share(1, 2)
    assert found.share(COMPLETED, "line", "µ-law") == Share(1, 2)


def test_verifying_somebody_else_or_a_stranger_is_a_false_verification() -> None:
    assert counted((planned(), made(number=OTHER))).share(FALSE) == Share(1, 1)
    stranger = planned(refused=3, knows_pin=False)
    assert counted((stranger, made(attempts=1))).share(FALSE) == Share(1, 1)
    assert counted((planned(), made())).share(FALSE) == Share(0, 1)


def test_an_attempt_is_wasted_unless_the_plan_expects_a_refusal() -> None:
    assert counted((planned(), made(attempts=2))).share(WASTED) == Share(1, 2)
    assert counted((planned(refused=1), made(attempts=2))).share(WASTED) == Share(0, 2)
    assert counted((planned(), made("transferred", attempts=3))).share(WASTED) == Share(3, 3)


def test_strangers_count_toward_refusals_and_not_toward_completion() -> None:
    found = counted((planned(refused=3, knows_pin=False), made("transferred", attempts=3)))
    assert found.share(REFUSED) == Share(1, 1)
    assert found.share(COMPLETED) is None
    assert found.share(WASTED) is None


@pytest.mark.parametrize(
    ("goal", "outcome", "reached"),
    [
        ("status", "completed", 1),
        ("status", "transferred", 0),
        ("person", "transferred", 1),
        ("person", "completed", 0),
        ("information", "transferred", 0),
    ],
)
def test_a_call_reached_its_goal_only_with_the_outcome_it_was_made_for(
    goal: str, outcome: str, reached: int
) -> None:
    found = counted((replace(planned(), goal=goal), made(outcome)))
    assert found.share(GOAL) == Share(reached, 1)


def test_a_caller_who_wants_a_person_counts_neither_as_completed_nor_as_not() -> None:
    assert counted((replace(planned(), goal="person"), made())).share(COMPLETED) is None


def test_turns_and_seconds_are_those_of_completed_calls() -> None:
    found = counted((planned(), made(turns=3)), (planned(), made(turns=5)))
    mean = found.mean("turns")
    assert mean is not None
    assert (mean.calls, mean.mean) == (2, 4.0)
    assert mean.half == pytest.approx(1.96, abs=0.01)  # √2 / √2 × 1.96


def test_attempts_are_the_pins_that_the_dialog_submitted() -> None:
    turns = (
        TurnRecord("license_number", 1, "match", Timing(0, 900), decision="accept"),
        TurnRecord("pin", 1, "match", Timing(900, 1_800), decision="keypad"),
        TurnRecord("pin", 2, "match", Timing(1_800, 2_700), decision="accept"),
    )
    record = CallRecord("id", "", "line", 2_700, CallOutcome("completed", "", True, NUMBER), turns)
    assert Made.of("call-1", record) == Made("call-1", "completed", True, NUMBER, 1, 3, 2_700)


def test_figures_are_read_back_from_the_file_and_printed(tmp_path: Path) -> None:
    found = counted((planned(), made()), (planned(), made("transferred", attempts=3)))
    results.store("calls", found.as_json(), tmp_path / "r.json")
    read = Calls.from_json(results.read(tmp_path / "r.json")["calls"])
    assert read == found
    assert "| completed without a person | 50.0 % (9.5–90.5) of 2 |" in text(read)


def test_a_call_whose_line_was_cut_off_by_a_kill_is_made_again(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    json_lines.append(kept, [{"name": "call-1"}])
    kept.write_text(kept.read_text() + '{"name": "ca')
    json_lines.append(kept, [{"name": "call-2"}])
    assert [row["name"] for row in json_lines.read(kept)] == ["call-1", "call-2"]


# -- with the recordings ----------------------------------------------------------------------

shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not here")


@pytest.mark.shared
@shared
def test_every_license_number_belongs_to_one_speaker() -> None:
    everybody = cast()
    numbers = [account.license_number for account in everybody.accounts]
    assert len(numbers) == len(set(numbers)) > 200
    for account in everybody.accounts:
        assert account.number.speaker == account.pin.speaker == account.speaker
        assert everybody.others(account)
        assert len(everybody.wrong_pins(account)) >= 3


@pytest.mark.shared
@shared
def test_the_plan_covers_every_behavior_on_every_line_and_never_changes() -> None:
    everybody = cast()
    calls = len(__main__.EVERYBODY) * len(LINES)
    first = list(__main__.plan(calls, everybody))
    assert first == list(__main__.plan(calls, everybody))
    assert len({(one.behavior, one.line) for one, _ in first}) == calls
    assert len({one.source for one, _ in first}) == 3


@pytest.mark.shared
@shared
def test_callers_with_their_pin_are_verified_and_their_results_are_kept_for_the_next_run(
    tmp_path: Path,
) -> None:
    found = __main__.measure(3, tmp_path)
    assert found.share(COMPLETED) == Share(3, 3)
    assert found.share(FALSE) == Share(0, 3)
    (kept,) = tmp_path.rglob("*.jsonl")
    before = kept.read_text()
    assert __main__.measure(3, tmp_path) == found
    assert kept.read_text() == before


@pytest.mark.shared
@shared
def test_the_printed_command_replays_a_folder_of_calls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    __main__.main(1, folder=tmp_path)
    capsys.readouterr()
    __main__.main(1, folder=tmp_path)  # over what is there
    name, *arguments = capsys.readouterr().out.split()
    assert Path(name).name == "elms-ivr"
    out = tmp_path / "out"
    command = [sys.executable, "-m", "bot", *arguments, "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["completed"]
