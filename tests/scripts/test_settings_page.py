"""docs/settings.md is what the settings say."""

from __future__ import annotations

import pytest

from scripts.settings_page import PAGE, page

pytestmark = pytest.mark.unit


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: make settings-page"


def test_the_page_has_no_path_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMS_SERVER_PORT", "8999")
    text = page()
    assert str(PAGE.parent.parent) not in text
    assert "| `port` | `8022` |  | Port to listen on. |" in text
