"""docs/extending.md does what it says: its diffs are applied to copies, and its classes are run."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from bot.grammar import Grammars
from bot.interfaces import Line
from bot.prompts.prompts import Prompts
from bot.synthesis.worker import speech
from bot.types import Result
from tests.support.dialog_driver import LICENSE_NUMBER, PIN, heard, play
from tests.support.survey import survey

pytestmark = pytest.mark.unit

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATCHED = ("grammars", "prompts", "bot/elms")


def blocks(project: Path, language: str) -> list[str]:
    """The code of one language on the page, in its order."""
    page = (project / "docs" / "extending.md").read_text("utf-8")
    return [code for named, code in BLOCK.findall(page) if named == language]


def imported(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def extended(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the page's diffs are about, with the diffs applied."""
    copy = tmp_path_factory.mktemp("extended")
    for folder in PATCHED:
        shutil.copytree(project / folder, copy / folder)
    for diff in blocks(project, "diff"):
        command = ["git", "apply", "-C1", "--recount", "-"]
        subprocess.run(command, cwd=copy, input=diff, text=True, check=True, capture_output=True)
    return copy


@pytest.mark.parametrize("said", ["address", "mailing address", "where do i mail it please"])
def test_the_new_option_is_understood(extended: Path, said: str) -> None:
    menu = Grammars.load(extended / "grammars").get("menu.grxml")
    assert menu.voice.match(said.split()).values == ("address",)
    assert menu.dtmf.match(["5"]).values == ("address",)


def test_the_new_option_is_answered_in_a_call(
    extended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("callflow", "prompt_contract"):
        (extended / f"extended_{name}.py").write_text(
            (extended / "bot" / "elms" / f"{name}.py").read_text("utf-8"), "utf-8"
        )
    callflow = imported(extended, "extended_callflow", monkeypatch)
    contract = imported(extended, "extended_prompt_contract", monkeypatch)
    answers: list[Result] = [heard(value) for value in (LICENSE_NUMBER, PIN, "address", "goodbye")]
    call = play(answers, call=callflow.licensure_call)
    assert "menu.address" in call.said()
    assert call.outcome.reason == "caller said goodbye"
    Prompts.load(extended / "prompts").check(contract.SAID)


def defined(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "extending"}
    exec(compile(code, "docs/extending.md", "exec"), names)
    return names


def test_the_new_line_brings_a_whole_call(project: Path) -> None:
    messages: SimpleQueue[str | None] = SimpleQueue()
    for message in ("yes", "15", "yes", None):
        messages.put(message)
    line: Line = defined(blocks(project, "python")[0])["ChatLine"](messages)
    surveyed = survey((), line=line)
    assert surveyed.answers == ("yes", "15")
    assert surveyed.record.outcome.reason == "survey answered"


def test_the_new_voice_speaks(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beeper.py").write_text(blocks(project, "python")[1], "utf-8")
    spec = imported(tmp_path, "beeper", monkeypatch).beeper_engine(440)
    module, name = spec.factory.split(":")
    engine = getattr(importlib.import_module(module), name)(**spec.options)
    samples = np.frombuffer(speech(engine, "Goodbye.", 8_000, 100), np.int16)
    assert 0.4 < samples.size / 8_000 < 1.2
    peak_hz = np.argmax(np.abs(np.fft.rfft(samples))) * 8_000 / samples.size
    assert peak_hz == pytest.approx(440, abs=5)
