"""A model that lacks words of the grammars says so as the service starts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.bootstrap import call_service
from bot.errors import ModelError
from bot.settings import BackendClient, Settings
from tests.support.model_files import WORDS, write_stock_model

pytestmark = pytest.mark.audio


def started(settings: Settings) -> list[str]:
    """Words that the service says are unknown when it starts."""

    async def start() -> None:
        async with call_service(settings, backend=BackendClient(credential="none"), aloud=False):
            pass

    with capture_logs() as lines:
        asyncio.run(start())
    return [word for line in lines for word in line.get("words", ())]


def test_words_that_the_model_lacks_are_named_once_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "stock"
    write_stock_model(folder)
    unknown = started(Settings(model=folder, out=tmp_path / "out"))
    assert "representative" in unknown
    assert not set(unknown) & set(WORDS)
    assert len(unknown) == len(set(unknown))


def test_the_shipped_model_lacks_no_word(tmp_path: Path) -> None:
    assert started(Settings(out=tmp_path / "out")) == []


def test_a_binary_list_of_fillers_is_one_line_of_error(tmp_path: Path) -> None:
    folder = tmp_path / "stock"
    write_stock_model(folder)
    (folder / "graph" / "fillers.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match=r"fillers\.txt is not UTF-8 text"):
        VoskRecognizer(folder)
