"""How many processes answer calls where nobody says so."""

from __future__ import annotations

import pytest

from bot.commands.serve import workers_of
from bot.settings import Serve

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("calls", "cores", "workers"),
    [
        (40, 2, 2),
        (40, 1, 1),
        (40, 64, 2),
        (39, 2, 1),
        (5, 8, 1),
        (1, 1, 1),
        (1_000, 64, 50),
        (1_000, 8, 8),
    ],
)
def test_there_is_one_for_each_core_and_none_with_fewer_than_twenty_calls(
    calls: int, cores: int, workers: int
) -> None:
    assert workers_of(Serve(calls=calls), cores) == workers


def test_the_settings_have_the_last_word() -> None:
    assert workers_of(Serve(calls=40, workers=1), 2) == 1
    assert workers_of(Serve(calls=5, workers=3), 1) == 3
