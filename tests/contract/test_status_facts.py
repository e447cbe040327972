"""What an import requires with a status is what the call says about it."""

from __future__ import annotations

import pytest

from bot.elms.announcements import NAMED
from server.domain import Status
from server.imports.rows import NEEDED

pytestmark = pytest.mark.contract

COLUMNS = {"class": "license_class"}
"""Columns of an import that have another name in prompts."""


@pytest.mark.parametrize("status", Status)
def test_an_import_requires_what_the_sentence_names(status: Status) -> None:
    named = tuple(COLUMNS.get(name, name) for name in NAMED.get(status, ()))
    assert NEEDED.get(status, ()) == named
