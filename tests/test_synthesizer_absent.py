"""A service whose settings name another voice needs neither pyttsx3 nor espeak-ng."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from bot.adapters import synthesizer_pyttsx3
from bot.adapters.synthesizer_engines import speech_engine
from bot.errors import SynthesisError
from bot.settings import Speech
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.unit

WITHOUT_THEM = """
import sys
sys.modules["espeakng_loader"] = sys.modules["pyttsx3"] = None  # any import of them fails
import bot.__main__, bot.bootstrap
import bot.commands.demo, bot.commands.mic, bot.commands.replay, bot.commands.text
from bot.adapters.synthesizer_engines import speech_engine
from bot.settings import Speech
speech_engine(Speech())
print("imported")
"""


def test_the_call_process_loads_no_gpl_library() -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_THEM],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "imported\n", "")


@pytest.mark.parametrize("name", ["pyttsx3", "espeakng-loader"])
def test_without_the_configured_voice_the_error_names_the_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(asked: str) -> str:
        if asked == name:
            raise PackageNotFoundError(asked)
        return "1.0"

    monkeypatch.setattr(synthesizer_pyttsx3, "version", version)
    with pytest.raises(SynthesisError) as caught:
        speech_engine(Speech(engine="pyttsx3"))
    assert str(caught.value) == (
        f"{name} is not installed; install it, or name the other voice: "
        "ELMS_IVR_SPEECH__ENGINE=hibari"
    )
