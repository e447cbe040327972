"""A test judges by values of its own: a number taken from the code is right by definition."""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from bot.types import Properties
from server import settings as server_settings
from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

IMPORT = re.compile(r"^from ((?:bot|server)[\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)
NUMBER = re.compile(
    r"^([A-Z][A-Z0-9_]+)(?:: [\w\[\]., ]+)?"
    r" = (?:[-(]*\d|timedelta|range\(|date|[-(]*[A-Z][A-Z0-9_]+ [-+*/])",
    re.MULTILINE,
)

SETTING = re.compile(
    r"(?:\bsettings|\b(?:Settings|Properties|Limits|Retention)\(\))(?:\.\w+)?\.(\w+)\b"
)
LIMITS = {
    name
    for section in (server_settings.Limits, server_settings.Retention, server_settings.Settings)
    for name, field in section.model_fields.items()
    if type(field.default) in (int, float)
} | {each.name for each in fields(Properties) if type(each.default) in (int, float)}
"""Settings of the server, and of one collect, that are numbers."""

INPUTS = {
    "bot.adapters.detector_silero.WINDOW": "how the detector wants its audio",
    "bot.adapters.recognizer_vosk.RATES": "every rate that is offered is tried",
    "server.admin.logs.SUM_EVERY_S": "written out beside it",
    "server.admin.serving.MAIL_EVERY_S": "written out beside it",
    "server.admin.serving.SHUTDOWN_S": "written out beside it",
    "server.database.BUSY_TIMEOUT_MS": "written out beside it",
    "server.database.POOL_TIMEOUT_S": "written out beside it",
    "server.services.outbox.SMTP_IN_ALL_S": "written out beside it",
    "server.services.outbox.SMTP_TIMEOUT_S": "written out beside it",
    "server.services.provider.TOTAL_S": "written out beside it",
    "server.web.gate.CLOSING_S": "written out beside it",
    "server.web.gate.YOUNG_S": "written out beside it",
    "server.web.readiness.WRITE_EVERY_S": "written out beside it",
}
"""Numbers that tests feed to the code, and do not compare with."""


@cache
def numbers_of(module: str) -> frozenset[str]:
    """Constants of a module that are numbers or lengths of time."""
    path = PROJECT / Path(*module.split(".")).with_suffix(".py")
    return frozenset(NUMBER.findall(path.read_text())) if path.exists() else frozenset()


def numbers_of_the_code(test: str) -> set[str]:
    """Such constants that a test file imports, by themselves or with their module."""
    found = set()
    for module, names in IMPORT.findall(test):
        for name, alias in re.findall(r"(\w+)(?: as (\w+))?", names):
            if name in numbers_of(module):
                found.add(f"{module}.{name}")
            used = re.findall(rf"\b{alias or name}\.([A-Z][A-Z0-9_]+)\b", test)
            inner = f"{module}.{name}"
            found |= {f"{inner}.{each}" for each in used if each in numbers_of(inner)}
    return found


def limits_of_the_settings(test: str) -> set[str]:
    """Numbers that a test file takes from settings in place of writing them."""
    return {name for name in SETTING.findall(test) if name in LIMITS}


def test_numbers_are_found() -> None:
    code = "from bot.calls.recorder import AROUND_MS, CallRecorder\n"
    assert numbers_of_the_code(code) == {"bot.calls.recorder.AROUND_MS"}
    several = "from server.services.budgets import (\n    LONGEST_WINDOW,\n    spend,\n)\n"
    assert numbers_of_the_code(several) == {"server.services.budgets.LONGEST_WINDOW"}
    assert numbers_of_the_code("from bot.types import KEYS\n") == set()
    with_module = "from server.services import outbox\nassert outbox.SMTP_TIMEOUT_S\n"
    assert numbers_of_the_code(with_module) == {"server.services.outbox.SMTP_TIMEOUT_S"}
    renamed = "from server.services import audit, repeats as again\nassert again.REPEATABLE\n"
    assert numbers_of_the_code(renamed) == {"server.services.repeats.REPEATABLE"}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("elms.settings.token_minutes + 1", {"token_minutes"}),
        ("elms.settings.limits.sign_ins", {"sign_ins"}),
        ("Properties().timeout_ms", {"timeout_ms"}),
        ("elms.settings.retention.audit_days", {"audit_days"}),
        ("elms.settings.mail.folder", set()),
    ],
)
def test_limits_of_the_settings_are_found(code: str, found: set[str]) -> None:
    assert limits_of_the_settings(code) == found


def test_no_test_judges_the_code_by_the_codes_numbers() -> None:
    files = sorted((PROJECT / "tests").rglob("test_*.py"))
    taken = {path.name: numbers_of_the_code(path.read_text()) - set(INPUTS) for path in files}
    assert {name: numbers for name, numbers in taken.items() if numbers} == {}


def test_no_test_judges_the_code_by_a_default_of_its_settings() -> None:
    files = sorted((PROJECT / "tests").rglob("test_*.py"))
    taken = {path.name: limits_of_the_settings(path.read_text()) for path in files}
    del taken[Path(__file__).name]
    assert {name: limits for name, limits in taken.items() if limits} == {}
