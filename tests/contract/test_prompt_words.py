"""Every code that the backend can tell has words in the bot's prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from server.domain import ActivityEvent, LicenseState, Status

pytestmark = pytest.mark.contract


@pytest.fixture(scope="module")
def prompts(project: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((project / "prompts" / "status.yaml").read_text())
    return loaded


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_prompts(prompts: dict[str, Any], status: Status) -> None:
    assert f"status.{status}" in prompts


@pytest.mark.parametrize("event", list(ActivityEvent))
def test_every_activity_has_prompts(prompts: dict[str, Any], event: ActivityEvent) -> None:
    assert f"activity.{event}" in prompts


@pytest.mark.parametrize("state", list(LicenseState))
def test_every_state_of_a_license_has_prompts(prompts: dict[str, Any], state: LicenseState) -> None:
    assert f"license.{state}" in prompts


@pytest.mark.parametrize(
    "key",
    [
        *("status.NONE", "status.READY_TO_ISSUE", "status.allow", "status.waited_one"),
        *("status.reached", "status.not_reached", "status.back_to_review"),
        "license.may_reinstate",
    ],
)
def test_the_pages_use_the_words_of_the_telephone(
    prompts: dict[str, Any], project: Path, key: str
) -> None:
    pages = (project / "server" / "templates" / "parts.html").read_text("utf-8")
    assert prompts[key] in pages
