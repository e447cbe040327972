"""Another application than ELMS runs on the same dialog, turn, and call."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.lines.simulated_caller import CallerAction
from tests.support.fakes import spoken
from tests.support.paths import PROJECT
from tests.support.patience import PATIENCE_S
from tests.support.survey import survey

pytestmark = pytest.mark.call

YES, TWELVE = CallerAction(pcm=spoken("yes")), CallerAction(pcm=spoken("one two"))

WITHOUT_ELMS = """
import sys
sys.modules["bot.elms"] = None  # importing it, or a module of it, raises ImportError
from bot.lines.simulated_caller import CallerAction
from tests.support.fakes import spoken
from tests.support.survey import survey
print(survey([CallerAction(pcm=spoken("yes")), CallerAction(keys="12")]).answers)
"""


def test_a_survey_understands_a_yes_and_a_number() -> None:
    call = survey([YES, TWELVE])
    assert call.answers == ("yes", "12")
    assert call.record.outcome.outcome == "completed"
    assert [(turn.field, turn.mode) for turn in call.record.turns] == [
        ("helped", "voice"),
        ("minutes", "voice"),
    ]
    assert call.said.endswith("You waited one two minutes.")


def test_a_survey_understands_keys() -> None:
    assert survey([CallerAction(keys="2"), CallerAction(keys="40")]).answers == ("no", "40")


def test_a_survey_reads_an_unsure_number_back() -> None:
    call = survey([YES, TWELVE, YES], [("one two", "nine two", -1.0)])
    assert "That is one two Is that right?" in call.said
    assert call.answers == ("yes", "12")


def test_a_survey_asks_again_and_gives_up() -> None:
    nonsense = CallerAction(pcm=spoken("lavender"))
    call = survey([nonsense] * 3)
    assert call.answers == ()
    assert (call.record.outcome.outcome, call.record.outcome.reason) == ("gave-up", "helped")
    assert "Sorry, was that yes or no?" in call.said


def test_a_survey_imports_no_module_of_elms() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ELMS],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "('yes', '12')"), done.stderr
