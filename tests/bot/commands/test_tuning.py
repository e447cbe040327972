"""Every value that steers how a caller is heard is in one list, with its unit and meaning."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.calls.tuning import FITTED
from bot.commands.tuning import groups, meanings

pytestmark = pytest.mark.unit

GROUPS = dict(groups(FITTED))
EVERY = [(name, field.name) for name, group in GROUPS.items() for field in fields(group)]
UNITS = re.compile(
    r"\b(dB|dBFS|ms|seconds?|log-likelihoods?|log-odds|probability|words per second|0-1"
    r"|confidence|weighing|how many|number of|ratio|whole entries|words, and digits)\b|\(0-1\)",
    re.IGNORECASE,
)


def test_the_list_has_every_group_with_its_values() -> None:
    ran = CliRunner().invoke(app, ["tuning"])
    assert ran.exit_code == 0
    shown = ran.output.splitlines()
    assert [line for line in shown if line.startswith("[")] == [
        "[listener]",
        "[noise]",
        "[gain]",
        "[passes]",
        "[confidence]",
        "[endpointer]",
        "[endpoint_delay]",
        "[bargein]",
        "[keys]",
        "[utterance]",
        "[entry]",
        "[evidence]",
    ]
    for line in ("pre_roll_ms = 400", "speech_db = -15.0", "on = 0.5", "spotted = 8.0"):
        assert shown.count(line) == 1
    assert sum(" = " in line for line in shown) == len(EVERY) > 50
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize(("group", "name"), EVERY)
def test_each_value_states_its_meaning_and_unit(group: str, name: str) -> None:
    meaning = meanings(type(GROUPS[group]))[name]
    assert meaning.endswith(".")
    assert name.endswith(("_ms", "_db", "_s")) or UNITS.search(meaning), meaning


@pytest.mark.parametrize("group", GROUPS)
def test_values_of_running_calls_cannot_be_changed(group: str) -> None:
    field = fields(GROUPS[group])[0].name
    with pytest.raises(AttributeError):
        setattr(GROUPS[group], field, 0)
