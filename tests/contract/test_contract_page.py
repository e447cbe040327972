"""docs/contract.md shows the examples of the API's description, and names its routes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server.api import examples, routes

pytestmark = pytest.mark.unit


def test_the_examples_are_those_of_the_interface_description(project: Path) -> None:
    page = (project / "docs" / "contract.md").read_text("utf-8")
    shown = [json.loads(code) for code in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    assert shown == [
        examples.VERIFICATION_IN, examples.VERIFIED, examples.REFUSED, examples.SERVICE
    ]  # fmt: skip


def test_every_route_is_named(project: Path) -> None:
    page = (project / "docs" / "contract.md").read_text("utf-8")
    for route in routes.router.routes:
        path = getattr(route, "path", "").replace("{call_id}", "CALL_ID")
        assert path in page
