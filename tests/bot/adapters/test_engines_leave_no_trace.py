"""Engines keep nothing in the home directory: no device id, no queue of events for their makers.

onnxruntime 1.29 and later make both as soon as they are imported, and have the code to send them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.audio

LOADING = """
from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble
from bot.adapters.rescorer_engines import load_rescorer
from bot.settings import Rescoring, Settings

SileroDetector()
load_ensemble(Settings().model)
load_ensemble(Settings().model, load_rescorer(Rescoring()))
"""
LISTENING = "import sys, bot.adapters.recognizer_vosk as r; print(r.vosk.Model, *sys.modules)"


def test_loading_every_engine_writes_nothing_at_home(project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    subprocess.run(
        [sys.executable, "-c", LOADING],
        check=True,
        cwd=project,
        env={**kept, "HOME": str(home), "PYTHONPATH": str(project)},
        timeout=PATIENCE_S,
    )
    assert not list(home.rglob("*"))


def test_recognizing_imports_no_http_client(project: Path) -> None:
    """vosk has one to download models, and importing it would be most of importing vosk."""
    ran = subprocess.run(
        [sys.executable, "-c", LISTENING],
        check=True,
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert {"vosk", "numpy"} <= set(ran.stdout.split())
    assert not {"requests", "urllib3"} & set(ran.stdout.split())
