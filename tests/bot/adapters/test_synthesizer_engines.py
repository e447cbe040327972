"""Which voice speaks where the settings name one, and where they name none."""

from __future__ import annotations

from importlib.machinery import ModuleSpec

import pytest

from bot.adapters import synthesizer_engines
from bot.adapters.synthesizer_engines import engine_name, fallback
from bot.settings import Speech

pytestmark = pytest.mark.unit


def installed(monkeypatch: pytest.MonkeyPatch, *, hibari: bool) -> None:
    spec = ModuleSpec("hibari", None) if hibari else None
    monkeypatch.setattr(synthesizer_engines, "find_spec", lambda name: spec)


def test_the_better_voice_speaks_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, hibari=True)
    assert engine_name(Speech()) == "hibari"
    assert fallback(Speech()) is None


def test_without_it_espeak_speaks_and_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, hibari=False)
    assert engine_name(Speech()) == "pyttsx3"
    said = fallback(Speech())
    assert said is not None
    assert "pip install elms-ivr[hibari]" in said
    assert "\n" not in said


@pytest.mark.parametrize("name", ["pyttsx3", "hibari"])
def test_a_voice_that_the_settings_name_is_that_voice(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, hibari=name == "pyttsx3")
    assert engine_name(Speech(engine=name)) == name
    assert fallback(Speech(engine=name)) is None
