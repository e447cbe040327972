"""THIRD_PARTY.md lists what the service installs, and explains what licenses ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.locked import packages
from scripts.third_party import table

pytestmark = pytest.mark.unit

ROW = re.compile(r"^\| ([a-z0-9-]+) \| ([^|]+) \| ([^|]+) \| (https?://[^ |]+) \|$", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


@pytest.fixture
def document(project: Path) -> str:
    return (project / "THIRD_PARTY.md").read_text("utf-8")


@pytest.fixture
def prose(document: str) -> str:
    """What is written by hand."""
    return document.partition("<!--")[0]


def test_every_requirement_of_the_service_is_listed_in_its_version(
    project: Path, document: str
) -> None:
    locked = dict(PIN.findall((project / "requirements" / "service.txt").read_text("utf-8")))
    assert {name: version for name, version, _, _ in ROW.findall(document)} == locked


def test_every_listed_package_has_a_license_and_a_home(document: str) -> None:
    rows = [line for line in document.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(ROW.findall(document))
    assert "UNKNOWN" not in document


def test_the_table_agrees_with_the_packages(document: str) -> None:
    assert document.endswith(table(packages())), "run: make third-party"


def test_every_copyleft_license_is_explained(document: str, prose: str) -> None:
    copyleft = [row for row in ROW.findall(document) if re.search(r"GPL|MPL|EUPL|CDDL|EPL", row[2])]
    assert len(copyleft) >= 7
    assert [
        row[0] for row in copyleft if f"**{row[0]}**" not in prose and f"`{row[0]}`" not in prose
    ] == []


def test_the_page_says_what_is_gpl_and_how_to_avoid_it(prose: str) -> None:
    words = " ".join(prose.split())
    for part in (
        "espeak-ng, **GPL-3.0-or-later**, in the wheel `espeakng-loader`",
        "loaded at run time, by name, in the synthesis worker, a process of its own",
        "ELMS_IVR_SPEECH__ENGINE=hibari",
        "-r requirements/hibari.txt",
    ):
        assert part in words


def test_every_named_file_exists(project: Path, prose: str) -> None:
    named = re.findall(r"\]\(([^)]+)\)", prose) + re.findall(
        r"`((?:bot|requirements|audio_\w+)/[^`]+)`", prose
    )
    assert len(named) >= 6
    assert [name for name in named if not (project / name).exists()] == []
