"""What an import requires with a status or an event is what the call says about it."""

from __future__ import annotations

import pytest

from bot.elms import announcements
from bot.elms.announcements import NAMED
from server.domain import Status
from server.imports.rows import NEEDED, WITH_SUBJECT

pytestmark = pytest.mark.contract

COLUMNS = {"class": "license_class"}
"""Columns of an import that have another name in prompts."""


@pytest.mark.parametrize("status", Status)
def test_an_import_requires_what_the_sentence_names(status: Status) -> None:
    named = tuple(COLUMNS.get(name, name) for name in NAMED.get(status, ()))
    assert NEEDED.get(status, ()) == named


def test_an_import_requires_the_subjects_that_are_named() -> None:
    assert {str(event) for event in WITH_SUBJECT} == set(announcements.WITH_SUBJECT)
